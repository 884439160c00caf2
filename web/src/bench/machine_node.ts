import { Worker } from 'node:worker_threads';
import type { Machine } from './machine.js';

// A worker of Node has the two ends of the web's only in node:worker_threads.
const prologue = `const { parentPort } = require('node:worker_threads');
const postMessage = (message) => parentPort.postMessage(message);
const onData = (use) => parentPort.once('message', use);
`;

export const machine: Machine = {
  runtime: runtimeName(process.versions),
  peakMemory: () => Promise.resolve(process.resourceUsage().maxRSS * 1024),
  runThread: (script, data) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(prologue + script, { eval: true });
      worker.once('error', reject);
      worker.once('message', (message: unknown) => {
        resolve(message);
        void worker.terminate();
      });
      worker.postMessage(data);
    }),
};

function runtimeName(versions: NodeJS.ProcessVersions): string {
  const { bun, deno, node } = versions;
  if (bun !== undefined) return `Bun ${bun}`;
  if (deno !== undefined) return `Deno ${deno}`;
  return `Node ${node}`;
}
