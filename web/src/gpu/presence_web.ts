import { navigatorGpu } from './navigator.js';

export function mayHaveGpu(): boolean {
  return navigatorGpu() !== undefined;
}
