import type { Model } from '../host/model.js';
import { sessionOptions } from '../host/session.js';
import { otherBytes } from '../load.js';
import type { LoadSettings } from './protocol.js';

/** How much of the memory here goes to what. */
export interface MemoryPlan {
  readonly contextLength: number;
  /** How many conversations are kept at most. */
  readonly conversations: number;
}

/** Bytes of a model and one conversation. */
export interface ModelBytes {
  readonly weights: number;
  readonly kvCache: number;
  readonly scratch: number;
}

const mostContext = 8192;
export const leastContext = 512;

// Conversations that nobody goes on with are not worth more.
const mostBudget = 2 ** 30;
const mostConversations = 16;

/** On the CPU, or on the model's GPU. */
export function bytesOf(model: Model, contextLength: number, kvType: LoadSettings['kvType'], gpu?: object): ModelBytes {
  const { weights, kvCache, scratch } = model.estimate(sessionOptions(contextLength, kvType, gpu), gpu);
  return { weights: Number(weights), kvCache: Number(kvCache), scratch: Number(scratch) };
}

/**
 * What the options say; and for what they leave open: the longest context, of at most 8192 tokens, halved down to 512
 * until it fits `available` bytes beside the weights; and half of what is free then, at most 1 GiB, for conversations.
 */
export function planMemory(
  model: Model,
  settings: Pick<LoadSettings, 'contextLength' | 'kvType' | 'memoryBudget'>,
  available: number,
): MemoryPlan {
  const { kvType, memoryBudget } = settings;
  const contextLength = settings.contextLength || longestContext(model, kvType, available);
  const { weights, kvCache, scratch } = bytesOf(model, contextLength, kvType);
  const budget = memoryBudget ?? Math.min((available - weights - otherBytes) / 2, mostBudget);
  // What an encoder keeps of a text is of no use to the next.
  const fitting = model.info().encoder === 1 ? 1 : Math.floor(budget / (kvCache + scratch));
  return { contextLength, conversations: Math.min(Math.max(fitting, 1), mostConversations) };
}

function longestContext(model: Model, kvType: LoadSettings['kvType'], available: number): number {
  const trained = model.info().contextLength;
  for (let length = Math.min(trained, mostContext); ; length = Math.floor(length / 2)) {
    const { weights, kvCache, scratch } = bytesOf(model, length, kvType);
    if (length < 2 * leastContext || weights + kvCache + scratch + otherBytes <= available) return length;
  }
}

const narrowBytes = 2 ** 32;
const wideBytes = 2 ** 34;

/**
 * Bytes that a model may take: half of the machine's memory (of 4 GiB where nobody tells), and on the CPU no more than
 * a wasm memory can have.
 */
export function availableBytes(machine: number | undefined, features: { wide: boolean; gpu: boolean }): number {
  const half = (machine ?? 2 ** 32) / 2;
  return features.gpu ? half : Math.min(half, features.wide ? wideBytes : narrowBytes);
}
