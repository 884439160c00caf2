// The file kernels-worker.js of the builds for the web.
import { work } from '../host/worker.js';
import type { WorkerStart } from '../host/worker.js';

self.onmessage = ({ data }: MessageEvent<WorkerStart>): void => {
  work(data, () => {
    self.postMessage('ready');
  });
};
