// Times every dispatch by giving it a compute pass of its own with timestamp queries. It stands between the package
// and WebGPU, so the package needs no code for it.
const capacity = 2048; // dispatches; later ones are not timed

/** `globals`: the classes of npm's `webgpu`. Call it before a device is requested. */
export function installProfiler({ GPUAdapter, GPUDevice, GPUCommandEncoder, GPUQueue }) {
  const names = new WeakMap();
  const times = new Map(); // by kernel: [milliseconds, dispatches]
  let timed = [];
  let device;
  let queries;
  let resolved;
  let readback;

  const wrap = (type, method, make) => {
    const original = type.prototype[method];
    type.prototype[method] = make(original);
  };
  wrap(
    GPUAdapter,
    'requestDevice',
    (original) =>
      async function (descriptor = {}) {
        device = await original.call(this, {
          ...descriptor,
          requiredFeatures: [...(descriptor.requiredFeatures ?? []), 'timestamp-query'],
        });
        queries = device.createQuerySet({
          type: 'timestamp',
          count: capacity * 2,
        });
        resolved = device.createBuffer({
          size: capacity * 16,
          usage: 0x200 | 4,
        });
        readback = device.createBuffer({ size: capacity * 16, usage: 1 | 8 });
        return device;
      },
  );
  wrap(
    GPUDevice,
    'createComputePipelineAsync',
    (original) =>
      async function (descriptor) {
        const pipeline = await original.call(this, descriptor);
        names.set(pipeline, descriptor.label);
        return pipeline;
      },
  );
  wrap(
    GPUCommandEncoder,
    'beginComputePass',
    (original) =>
      function () {
        let pipeline;
        let group;
        const dispatch = (x, y, z) => {
          const index = timed.length * 2;
          const name = names.get(pipeline); // kernels of the self-test have none
          const inTime = name !== undefined && timed.length < capacity;
          const timestampWrites = {
            querySet: queries,
            beginningOfPassWriteIndex: index,
            endOfPassWriteIndex: index + 1,
          };
          const pass = original.call(this, inTime ? { timestampWrites } : {});
          if (inTime) timed.push(`${name} × ${y} rows`);
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          pass.dispatchWorkgroups(x, y, z);
          pass.end();
        };
        return {
          setPipeline: (next) => (pipeline = next),
          setBindGroup: (_, next) => (group = next),
          dispatchWorkgroups: dispatch,
          end: () => undefined,
        };
      },
  );
  // What was timed is read when the model is gone.
  wrap(GPUDevice, 'destroy', () => () => undefined);

  async function collect() {
    if (timed.length === 0) return;
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(queries, 0, timed.length * 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readback, 0, timed.length * 16);
    device.queue.submit([encoder.finish()]);
    await readback.mapAsync(1);
    const stamps = new BigUint64Array(readback.getMappedRange().slice(0));
    readback.unmap();
    timed.forEach((name, i) => {
      const entry = times.get(name) ?? [0, 0];
      entry[0] += Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6;
      entry[1] += 1;
      times.set(name, entry);
    });
    timed = [];
  }

  return {
    clear() {
      times.clear();
      timed = [];
    },
    async print() {
      await collect();
      const rows = [...times].sort(([, a], [, b]) => b[0] - a[0]);
      for (const [name, [ms, count]] of rows) {
        console.log(`${(ms / count).toFixed(4).padStart(12)} ms × ${String(count).padStart(5)}  ${name}`);
      }
    },
  };
}
