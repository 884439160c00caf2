import { ChordError, messageOf } from '../errors.js';
import { gpuData } from './data.js';
import type { GpuTraits } from './host.js';
import { compileKey, errorOf, runCase } from './kernel_case.js';
import type { KernelCase } from './kernel_case.js';

// Of the sums' squares: f32 rounds to 1e-14; a device that goes wrong is off by far more.
const tolerance = 1e-9;

const passed = new Set<string>();

/**
 * Runs every kernel on this device and compares with results that were made when the package was built. Rejects with
 * `gpu_self_test_failed`, naming the first kernel that fails. Once for each adapter.
 */
export async function selfTest(device: GPUDevice, traits: GpuTraits): Promise<void> {
  const { vendor, architecture, device: name, description } = device.adapterInfo;
  const adapter = [vendor, architecture, name, description].join();
  if (passed.has(adapter)) return;
  const { cases, shaders } = await gpuData();
  // In parallel, since most of the time goes to compiling.
  await Promise.all(
    cases.filter(usedWith(traits)).map(async (kernel) => {
      const key = traits.software
        ? kernel.key.replace(/matvec LANES=\d+u ROWS_EACH=\d+u/, 'matvec_serial')
        : kernel.key;
      const error = await compileKey(device, key, shaders)
        .then((pipeline) => runCase(device, kernel, pipeline))
        .then(
          (words) => errorOf(kernel, words),
          (cause: unknown) => {
            throw failed(kernel.name, messageOf(cause), cause);
          },
        );
      if (error > tolerance) throw failed(kernel.name, `its results are off by ${error.toPrecision(2)} (NMSE)`);
    }),
  );
  passed.add(adapter);
}

function usedWith({ software, dot8, matrices }: GpuTraits): (kernel: KernelCase) => boolean {
  return ({ name }) => ((dot8 && !software) || !name.includes('dot8')) && (matrices || !name.includes('matrix'));
}

function failed(kernel: string, why: string, cause?: unknown): ChordError {
  return new ChordError('gpu_self_test_failed', `the kernel «${kernel}» fails on this GPU: ${why}`, { cause });
}
