import type { Machine } from './machine.js';

const prologue = 'const onData = (use) => addEventListener("message", ({ data }) => use(data), { once: true });\n';

export const machine: Machine = {
  runtime: runtimeName(navigator.userAgent),
  peakMemory,
  runThread: (script, data) =>
    new Promise((resolve, reject) => {
      const url = URL.createObjectURL(new Blob([prologue + script], { type: 'text/javascript' }));
      const worker = new Worker(url);
      const end = (): void => {
        worker.terminate();
        URL.revokeObjectURL(url);
      };
      worker.onerror = (event) => {
        end();
        reject(new Error(event.message));
      };
      worker.onmessage = ({ data: message }: MessageEvent<unknown>) => {
        end();
        resolve(message);
      };
      worker.postMessage(data);
    }),
};

// Chromium counts a shared wasm memory as part of the heap, and one that is not shared nowhere.
async function peakMemory(memories: readonly WebAssembly.Memory[]): Promise<number> {
  const measure: unknown = Reflect.get(performance, 'measureUserAgentSpecificMemory');
  const measured: unknown = typeof measure === 'function' ? await measure.call(performance) : undefined;
  const heap = hasBytes(measured) ? measured.bytes : undefined;
  const counted = memories.filter(
    ({ buffer }) =>
      heap === undefined || typeof SharedArrayBuffer === 'undefined' || !(buffer instanceof SharedArrayBuffer),
  );
  return counted.reduce((sum, { buffer }) => sum + buffer.byteLength, heap ?? 0);
}

function hasBytes(value: unknown): value is { bytes: number } {
  return typeof value === 'object' && value !== null && 'bytes' in value && typeof value.bytes === 'number';
}

function runtimeName(userAgent: string): string {
  const [, name, version] =
    /(Firefox|Edg|Chrome)\/([\d.]+)/.exec(userAgent) ?? /(Version)\/([\d.]+).*Safari/.exec(userAgent) ?? [];
  return name === undefined ? userAgent : `${name === 'Version' ? 'Safari' : name} ${version}`;
}
