// The file engine-worker.js of the builds for Node.
import { parentPort } from 'node:worker_threads';
import { endOfThread } from '../engine/protocol.js';
import type { ToEngine } from '../engine/protocol.js';
import { Server } from '../engine/server.js';

const port = parentPort;
if (port) {
  const server = new Server((message, transfer) => {
    port.postMessage(message, transfer);
  });
  port.on('message', (message: ToEngine | typeof endOfThread) => {
    if (message === endOfThread) {
      server.dispose();
      process.exit();
    }
    server.receive(message);
  });
  port.postMessage({ type: 'started' });
}
