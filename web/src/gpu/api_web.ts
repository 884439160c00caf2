import { navigatorGpu } from './navigator.js';

export function mayHaveGpu(): boolean {
  return navigatorGpu() !== undefined;
}

export function gpuApi(): Promise<GPU | undefined> {
  return Promise.resolve(navigatorGpu());
}
