import { createRequire } from 'node:module';
import { navigatorGpu } from './navigator.js';

/** The optional peer dependency that brings WebGPU to Node. */
export const packageName = 'webgpu';

export function mayHaveGpu(): boolean {
  return navigatorGpu() !== undefined || isInstalled();
}

export function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName);
    return true;
  } catch {
    return false;
  }
}
