import { reason } from './none.js';

/** The builds without GPU code. */
export function sketchGpu(): Promise<{ reason: string }> {
  return Promise.resolve({ reason });
}
