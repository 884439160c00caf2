import { packed } from '#gpu-data';
import type { KernelCase } from './kernel_case.js';

/** The files of src/webgpu/shaders by name. */
export type Shaders = Readonly<Record<string, string>>;

interface GpuData {
  readonly shaders: Shaders;
  /** Of every kernel; a matvec is one workgroup in either of its forms. */
  readonly cases: readonly KernelCase[];
}

let data: Promise<GpuData> | undefined;

/** What the build has put together (tools/builds.mjs). */
export function gpuData(): Promise<GpuData> {
  return (data ??= unpacked());
}

async function unpacked(): Promise<GpuData> {
  const bytes = Uint8Array.from(atob(packed), (byte) => byte.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  const made: unknown = await new Response(stream).json();
  if (!isData(made)) throw new Error('the build made something else');
  return made;
}

function isData(made: unknown): made is GpuData {
  return typeof made === 'object' && made !== null && 'shaders' in made && 'cases' in made;
}
