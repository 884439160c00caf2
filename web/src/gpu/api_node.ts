import { createRequire } from 'node:module';
import { navigatorGpu } from './navigator.js';

// The optional peer dependency that brings WebGPU to Node.
const packageName = 'webgpu';

export function mayHaveGpu(): boolean {
  return navigatorGpu() !== undefined || isInstalled();
}

export async function gpuApi(): Promise<GPU | undefined> {
  return navigatorGpu() ?? (await (pending ??= load()));
}

let pending: Promise<GPU | undefined> | undefined;

async function load(): Promise<GPU | undefined> {
  if (!isInstalled()) return undefined;
  const module: unknown = await import(packageName);
  return hasCreate(module) ? module.create([]) : undefined;
}

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName);
    return true;
  } catch {
    return false;
  }
}

function hasCreate(module: unknown): module is { create(flags: readonly string[]): GPU } {
  return typeof module === 'object' && module !== null && 'create' in module;
}
