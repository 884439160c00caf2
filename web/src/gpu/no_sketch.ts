import { ChordError } from '../errors.js';
import { reason } from './none.js';

/** The builds without GPU code. */
export function sketchGpu(): Promise<never> {
  return Promise.reject(new ChordError('gpu_unavailable', reason));
}
