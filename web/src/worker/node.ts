// The file kernels-worker.js of the builds for Node.
import { parentPort } from 'node:worker_threads';
import { work } from '../host/worker.js';
import type { WorkerStart } from '../host/worker.js';

parentPort?.once('message', (start: WorkerStart) => {
  work(start, () => parentPort?.postMessage('ready'));
});
