import {
  gpuBindingSize,
  gpuDispatchSize,
  gpuReadSize,
  readGpuBinding,
  readGpuRead,
  writeGpuLimits,
} from '../abi/generated.js';
import type { GpuImports, GpuRead } from '../abi/generated.js';
import { ChordError, messageOf } from '../errors.js';
import type { MemoryViews } from '../host/memory.js';
import { layoutOf, sourceOf } from './compile.js';
import type { Shaders } from './data.js';
import type { GpuOptions } from './webgpu.js';

// GPUBufferUsage and GPUMapMode, which Node has no globals of.
const usage = { mapRead: 1, copySource: 4, copyDestination: 8, uniform: 64, storage: 128 };
const mapRead = 1;

/** What the choice of kernels depends on. */
export interface GpuTraits {
  /** The adapter computes on the CPU. */
  readonly software: boolean;
  /** There are subgroups, and dot products of packed bytes. */
  readonly dot8: boolean;
  /** Subgroups multiply matrices of f16. */
  readonly matrices: boolean;
}

interface Pipeline {
  readonly layout: GPUBindGroupLayout;
  ready: GPUComputePipeline | undefined;
}

// A submit that is under way, or was not asked for yet.
interface Job {
  readonly table: Uint32Array;
  readonly repeats: number;
  readonly reads: readonly GpuRead[];
  dropped: boolean;
  result: ArrayBuffer | undefined;
  milliseconds: number;
  settled: Promise<void>;
}

/** Writes what the core asks of a device. */
export function writeLimits(memory: DataView, at: number, limits: GPUSupportedLimits, traits: GpuTraits): void {
  writeGpuLimits(memory, at, {
    maxBindingBytes: BigInt(limits.maxStorageBufferBindingSize),
    maxBufferBytes: BigInt(limits.maxBufferSize),
    sharedBytes: limits.maxComputeWorkgroupStorageSize,
    software: traits.software ? 1 : 0,
    dot8: traits.dot8 ? 1 : 0,
    matrices: traits.matrices ? 1 : 0,
  });
}

/**
 * One device with what a model has on it, by the numbers that the core knows it by. What goes wrong is remembered and
 * thrown by the next `gpu_poll`, which ends the model's instance.
 */
export class GpuHost {
  readonly device: GPUDevice;
  readonly #traits: GpuTraits;
  readonly #shaders: Shaders;
  readonly #buffers = new Map<number, GPUBuffer>();
  readonly #groups = new Map<number, GPUBindGroup>();
  readonly #pipelines: Pipeline[] = [];
  readonly #pipelineOfKey = new Map<string, number>();
  readonly #compiling = new Set<Promise<unknown>>();
  readonly #readbacks: GPUBuffer[] = [];
  #nextId = 1;
  readonly #jobs = new Map<number, Job>();
  // That which was asked for in vain.
  #wanted: Job | undefined;
  #lastEnd = 0;
  #failure: ChordError | undefined;
  #open = true;

  constructor(device: GPUDevice, traits: GpuTraits, shaders: Shaders) {
    this.device = device;
    this.#traits = traits;
    this.#shaders = shaders;
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#fail(new ChordError(isOutOfMemory(error) ? 'out_of_memory' : 'internal', `WebGPU: ${error.message}`));
    });
    void device.lost.then(({ message }) => {
      this.#fail(new ChordError('gpu_lost', `the GPU device was lost: ${message}; load the model again`));
    });
  }

  /** How many buffers there are. */
  get bufferCount(): number {
    return this.#buffers.size + this.#readbacks.length;
  }

  /** Resolves when every pipeline that was asked for is compiled; rejects where one cannot be. */
  async compiled(onCompile?: GpuOptions['onCompile']): Promise<void> {
    while (this.#compiling.size > 0) {
      await Promise.race(this.#compiling);
      onCompile?.(this.#pipelines.length - this.#compiling.size, this.#pipelines.length);
    }
    if (this.#failure) throw this.#failure;
  }

  /** Resolves when the submit that the core waits for is done or has failed; at once if there is none. */
  async settled(): Promise<void> {
    await this.#wanted?.settled;
  }

  /** Gives everything back. */
  destroy(): void {
    this.#open = false;
    this.#jobs.clear();
    this.#wanted = undefined;
    for (const buffer of [...this.#buffers.values(), ...this.#readbacks]) buffer.destroy();
    this.#buffers.clear();
    this.#groups.clear();
    this.#readbacks.length = 0;
    this.device.destroy();
  }

  /** `views`: the control module's memory. */
  imports(views: () => MemoryViews): GpuImports {
    return {
      gpu_limits: (limits) => {
        writeLimits(views().data, limits >>> 0, this.device.limits, this.#traits);
      },
      gpu_buffer: (size) => {
        const buffer = this.device.createBuffer({
          size: Number(size),
          usage: usage.storage | usage.uniform | usage.copySource | usage.copyDestination,
        });
        return add(this.#buffers, this.#nextId++, buffer);
      },
      gpu_release: (id) => {
        this.#buffers.get(id)?.destroy();
        this.#buffers.delete(id);
      },
      gpu_write: (id, offset, source, length) => {
        const { buffer } = views().memory;
        this.device.queue.writeBuffer(this.#buffer(id), Number(offset), buffer, source >>> 0, length >>> 0);
      },
      gpu_pipeline: (key, length) => this.#pipeline(views().text(key >>> 0, length >>> 0)),
      gpu_group: (pipeline, bindings, count) => {
        const entries = Array.from({ length: count }, (_, index) => {
          const entry = readGpuBinding(views().data, (bindings >>> 0) + index * gpuBindingSize);
          const resource = {
            buffer: this.#buffer(entry.buffer),
            offset: Number(entry.offset),
            size: Number(entry.size),
          };
          return { binding: entry.binding, resource };
        });
        const { layout } = known(this.#pipelines[pipeline]);
        return add(this.#groups, this.#nextId++, this.device.createBindGroup({ layout, entries }));
      },
      gpu_release_group: (id) => {
        this.#groups.delete(id);
      },
      gpu_submit: (dispatches, count, repeats, reads, readCount) => {
        const { buffer } = views().memory;
        const job: Job = {
          table: new Uint32Array(buffer.slice(dispatches >>> 0, (dispatches >>> 0) + count * gpuDispatchSize)),
          reads: Array.from({ length: readCount }, (_, index) =>
            readGpuRead(views().data, (reads >>> 0) + index * gpuReadSize),
          ),
          repeats,
          dropped: false,
          result: undefined,
          milliseconds: 0,
          settled: Promise.resolve(),
        };
        this.#submit(job);
        return add(this.#jobs, this.#nextId++, job);
      },
      gpu_poll: (id, destination) => {
        if (this.#failure) throw this.#failure;
        const job = known(this.#jobs.get(id));
        this.#wanted = job;
        if (job.result === undefined) return 0;
        views().bytes.set(new Uint8Array(job.result), destination >>> 0);
        this.#jobs.delete(id);
        return 1 + job.milliseconds;
      },
      gpu_drop: (id) => {
        const job = this.#jobs.get(id);
        if (job) job.dropped = true;
        this.#jobs.delete(id);
      },
    };
  }

  #fail(error: ChordError): void {
    if (this.#open) this.#failure ??= error;
  }

  #buffer(id: number): GPUBuffer {
    return known(this.#buffers.get(id));
  }

  #pipeline(key: string): number {
    const found = this.#pipelineOfKey.get(key);
    if (found !== undefined) return found;
    const code = sourceOf(key, this.#shaders);
    const layout = this.device.createBindGroupLayout(layoutOf(code));
    const pipeline: Pipeline = { layout, ready: undefined };
    const compiling: Promise<unknown> = this.device
      .createComputePipelineAsync({
        label: key,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: this.device.createShaderModule({ code }), entryPoint: 'main' },
      })
      .then(
        (ready) => {
          pipeline.ready = ready;
        },
        (cause: unknown) => {
          this.#fail(new ChordError('internal', `the GPU cannot compile «${key}»: ${messageOf(cause)}`, { cause }));
        },
      )
      .finally(() => this.#compiling.delete(compiling));
    this.#compiling.add(compiling);
    this.#pipelineOfKey.set(key, this.#pipelines.length);
    return this.#pipelines.push(pipeline) - 1;
  }

  #submit(job: Job): void {
    job.settled = this.#run(job).catch((cause: unknown) => {
      this.#fail(new ChordError('internal', `the GPU failed: ${messageOf(cause)}`, { cause }));
    });
  }

  async #run(job: Job): Promise<void> {
    while (this.#compiling.size > 0) await Promise.all(this.#compiling);
    if (job.dropped || this.#failure || !this.#open) return;
    const size = job.reads.reduce((sum, { length }) => sum + Number(length), 0);
    const readback = this.#readback(size);
    const begin = performance.now();
    // Several submits, so that the GPU works on the first while the next is encoded.
    const parts = partsOf(job);
    const last = parts.pop() ?? job.table;
    for (const part of parts) {
      const before = this.device.createCommandEncoder();
      this.#encode(before, part);
      this.device.queue.submit([before.finish()]);
    }
    const encoder = this.device.createCommandEncoder();
    this.#encode(encoder, last);
    let end = 0;
    for (const { buffer, offset, length } of job.reads) {
      encoder.copyBufferToBuffer(this.#buffer(buffer), Number(offset), readback, end, Number(length));
      end += Number(length);
    }
    this.device.queue.submit([encoder.finish()]);
    try {
      await readback.mapAsync(mapRead, 0, Math.max(size, 4));
      job.result = readback.getMappedRange(0, Math.max(size, 4)).slice(0, size);
      readback.unmap();
      const now = performance.now();
      job.milliseconds = Math.floor(now - Math.max(begin, this.#lastEnd));
      this.#lastEnd = now;
      this.#readbacks.push(readback);
    } catch {
      // A device that is lost says so by itself.
      readback.destroy();
      await this.device.lost;
    }
  }

  #encode(encoder: GPUCommandEncoder, table: Uint32Array): void {
    const pass = encoder.beginComputePass();
    let last: Pipeline | undefined;
    for (let at = 0; at < table.length; at += 5) {
      const [pipeline = 0, group = 0, x = 0, y = 0, z = 0] = table.subarray(at, at + 5);
      const next = known(this.#pipelines[pipeline]);
      if (next !== last) pass.setPipeline(known(next.ready));
      last = next;
      pass.setBindGroup(0, known(this.#groups.get(group)));
      pass.dispatchWorkgroups(x, y, z);
    }
    pass.end();
  }

  // One that is not in use and large enough; it is in use until it comes back into the list.
  #readback(size: number): GPUBuffer {
    const index = this.#readbacks.findIndex((buffer) => buffer.size >= size);
    const [found] = index < 0 ? [] : this.#readbacks.splice(index, 1);
    return (
      found ?? this.device.createBuffer({ size: Math.max(size, 4096), usage: usage.mapRead | usage.copyDestination })
    );
  }
}

// The table once for each repetition. One with many tokens, as the first dispatch's y tells, in pieces of about a layer:
// systems take a GPU for hung that works on one submit for two seconds.
function partsOf({ table, repeats }: Job): Uint32Array[] {
  const length = (table[3] ?? 1) > 1 ? 16 * 5 : Math.max(table.length, 1);
  const pieces = Array.from({ length: Math.ceil(table.length / length) }, (_, i) =>
    table.subarray(i * length, (i + 1) * length),
  );
  return Array.from({ length: repeats }, () => pieces).flat();
}

function add<T>(map: Map<number, T>, id: number, value: T): number {
  map.set(id, value);
  return id;
}

// The core names only what it made.
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new ChordError('internal', 'the core named an object of the GPU that does not exist');
  return value;
}

function isOutOfMemory(error: GPUError): boolean {
  return error.constructor.name === 'GPUOutOfMemoryError';
}
