import type { KernelCase } from '../src/gpu/kernel_case.js';

export interface MatvecOptions {
  readonly serial?: boolean;
  readonly bias?: boolean;
  readonly residual?: boolean;
  readonly seed?: number;
}
export interface AttentionOptions {
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly length?: number;
  readonly window?: number;
  readonly cap?: number;
  readonly causal?: boolean;
  readonly texts?: readonly number[];
  readonly sinks?: boolean;
  readonly q8?: boolean;
}
export const types: readonly string[];
export const blockTypes: readonly string[];
export function matvecCase(type: string, columns: number, rows: number, options?: MatvecOptions): KernelCase;
export function dot8Case(
  type: string,
  columns: number,
  rows: number,
  options?: { normed?: boolean; cap?: number; seed?: number },
): KernelCase;
export function tokenGateCase(
  type: string,
  columns: number,
  options?: { readonly activation?: 'silu' | 'gelu' },
): KernelCase;
export function tokenPostCase(options?: { readonly squares?: boolean }): KernelCase;
export function tokenAddCase(
  type: string,
  columns: number,
  options?: { attention?: boolean; squares?: boolean; fresh?: boolean; seed?: number },
): KernelCase;
export function tokenBeginCase(seed?: number): KernelCase;
export function tokenRowsCase(columns: number, rows: number, seed?: number): KernelCase;
export function tokenAttentionCase(
  position: number,
  options?: { share?: number; length?: number; norm?: boolean; window?: number; cap?: number; seed?: number },
): KernelCase;
export interface MatmulOptions {
  readonly bias?: boolean;
  readonly residual?: boolean;
  readonly apart?: boolean;
}
export function matmulCase(
  type: string,
  columns: number,
  rows: number,
  tokens: number,
  options?: MatmulOptions,
): KernelCase;
export function matmulDot8Case(
  type: string,
  columns: number,
  rows: number,
  tokens: number,
  options?: MatmulOptions,
): KernelCase;
export function quantizeCase(
  columns: number,
  rows: number,
  options?: { readonly from?: 'from_value' | 'from_norm' | 'from_gate' },
): KernelCase;
export function quantizedBytesCase(columns: number, rows: number): KernelCase;
export function expandCase(columns: number, rows: number): KernelCase;
export function halveCase(columns: number, rows: number): KernelCase;
export function matrixCase(
  columns: number,
  rows: number,
  tokens: number,
  options?: { readonly residual?: boolean },
): KernelCase;
export function mergeCase(
  count: number,
  options?: { readonly heads?: number; readonly length?: number; readonly sinks?: boolean },
): KernelCase;
export function ropeStoreCase(halves: boolean, position: number): KernelCase;
export function embedCase(
  type: string,
  columns: number,
  rows: number,
  options?: { readonly byPosition?: boolean },
): KernelCase;
export function normCase(length: number, groups: number, options?: { readonly layer?: boolean }): KernelCase;
export function ropeCase(halves: boolean, position: number): KernelCase;
export function attentionCase(count: number, options?: AttentionOptions): KernelCase;
export function attentionRowsCase(count: number, tokens: number, options?: AttentionOptions): KernelCase;
export function storeCase(kv: string): KernelCase;
export function storeQ8Case(length?: number): KernelCase;
export function pointwiseCase(
  columns: number,
  activation: 'silu' | 'gelu' | 'sigmoid' | 'identity' | 'scale' | 'soft_cap',
  combined: 'alone' | 'sum' | 'gated',
  options?: { readonly row?: boolean },
): KernelCase;
export function selectCase(columns: number): KernelCase;
export function penaltiesCase(vocab: number): KernelCase;
export function chunkCase(vocab: number, wanted: number, options?: { readonly drawn?: boolean }): KernelCase;
export function candidatesCase(vocab: number, wanted: number): KernelCase;
export interface DrawOptions {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly position?: readonly [number, number];
}
export function advanceCase(count: number, options?: DrawOptions): KernelCase;
