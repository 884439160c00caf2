import { navigatorGpu } from './navigator.js';

export function gpuApi(): Promise<GPU | undefined> {
  return Promise.resolve(navigatorGpu());
}
