// The file engine-worker.js of the builds for the web.
import type { ToEngine } from '../engine/protocol.js';
import { Server } from '../engine/server.js';

const server = new Server((message, transfer = []) => {
  self.postMessage(message, { transfer });
});
self.onmessage = ({ data }: MessageEvent<ToEngine>): void => {
  server.receive(data);
};
self.postMessage({ type: 'started' });
