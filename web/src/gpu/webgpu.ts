import { gpuApi } from '#gpu-api';
import { ChordError, messageOf } from '../errors.js';
import { gpuData } from './data.js';
import { GpuHost } from './host.js';
import type { GpuTraits } from './host.js';
import { noWebGpu } from './navigator.js';
import { selfTest } from './self_test.js';

export { writeLimits } from './host.js';

export interface GpuOptions {
  /** Whether an adapter that computes on the CPU will do. Default: no. */
  readonly softwareAdapter?: boolean | undefined;
  /** Told how many of the GPU's pipelines are compiled, which comes last and can take seconds. */
  readonly onCompile?: ((done: number, total: number) => void) | undefined;
}

// What the kernels are written for: the limits that WebGPU guarantees.
const needed = [
  ['maxStorageBuffersPerShaderStage', 8],
  ['maxComputeInvocationsPerWorkgroup', 256],
  ['maxComputeWorkgroupSizeX', 256],
  ['maxComputeWorkgroupStorageSize', 16384],
] as const;

/** A device of this machine's GPU for one model; rejects with the first thing that is missing. */
export async function openGpu(options: GpuOptions = {}): Promise<GpuHost> {
  const { adapter, traits } = await findAdapter(options);
  const device = await requestDevice(adapter);
  try {
    await selfTest(device, traits);
    return new GpuHost(device, traits, (await gpuData()).shaders);
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** The name of this machine's GPU; rejects as `openGpu` does before it asks for a device. */
export async function adapterName(): Promise<string> {
  return nameOf((await findAdapter({})).adapter);
}

/** The adapter that `openGpu` would take, and what the choice of kernels depends on. */
export async function findAdapter(options: GpuOptions): Promise<{ adapter: GPUAdapter; traits: GpuTraits }> {
  const api = await gpuApi(options.softwareAdapter === true);
  if (!api) throw noWebGpu();
  const adapter = await request(api);
  if (isSoftware(adapter) && options.softwareAdapter !== true) {
    const what = `WebGPU offers only ${nameOf(adapter)}, which computes on the CPU`;
    throw new ChordError('gpu_software_adapter', what);
  }
  for (const [name, least] of needed) {
    if (adapter.limits[name] >= least) continue;
    throw new ChordError('gpu_limit', `${name} of this GPU is ${adapter.limits[name]}, needed are ${least}`);
  }
  // Older engines do not tell.
  const packed = 'wgslLanguageFeatures' in api && api.wgslLanguageFeatures.has('packed_4x8_integer_dot_product');
  const traits = {
    software: isSoftware(adapter),
    dot8: packed && adapter.features.has('subgroups'),
    matrices: multipliesMatrices(adapter),
  };
  return { adapter, traits };
}

function nameOf({ info }: GPUAdapter): string {
  return info.description || info.architecture || info.vendor;
}

// Behind flags so far, and in no list of features.
const subgroupMatrices = 'chromium-experimental-subgroup-matrix';

// Whether subgroups of 32 multiply f16, 16 × 16 × 16, and sum in f32.
function multipliesMatrices({ features, info }: GPUAdapter): boolean {
  if (!features.has(subgroupMatrices) || !features.has('shader-f16')) return false;
  if (info.subgroupMinSize !== 32 || info.subgroupMaxSize !== 32) return false;
  const configurations: unknown = Reflect.get(info, 'subgroupMatrixConfigs');
  const wanted = { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 };
  return (
    Array.isArray(configurations) &&
    configurations.some((one: object) =>
      Object.entries(wanted).every(([key, value]) => Reflect.get(one, key) === value),
    )
  );
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  try {
    return await adapter.requestDevice({
      requiredFeatures: ['subgroups', ...(multipliesMatrices(adapter) ? ['shader-f16', subgroupMatrices] : [])].filter(
        (name): name is GPUFeatureName => adapter.features.has(name),
      ),
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
    });
  } catch (cause) {
    throw new ChordError('gpu_device_failed', `the GPU refused a device: ${messageOf(cause)}`, { cause });
  }
}

async function request(api: GPU): Promise<GPUAdapter> {
  try {
    const adapter = await api.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter) return adapter;
  } catch (cause) {
    throw new ChordError('gpu_no_adapter', `WebGPU has no adapter to offer: ${messageOf(cause)}`, { cause });
  }
  throw new ChordError('gpu_no_adapter', 'WebGPU has no adapter to offer');
}

function isSoftware({ info }: GPUAdapter): boolean {
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|basic render/i.test(`${info.architecture} ${info.description} ${info.device}`)
  );
}
