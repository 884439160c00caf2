import { machine } from '#machine';

// Adds up all 64-bit numbers below the address `end`, a line of the cache at a time in two sums:
//
//   (module
//     (import "env" "memory" (memory 1))
//     (func (export "read") (param $end i32) (result i64)
//       (local $at i32) (local $a v128) (local $b v128)
//       (loop $next
//         (local.set $a (i64x2.add (local.get $a) (v128.load (local.get $at))))
//         (local.set $b (i64x2.add (local.get $b) (v128.load offset=16 (local.get $at))))
//         (local.set $a (i64x2.add (local.get $a) (v128.load offset=32 (local.get $at))))
//         (local.set $b (i64x2.add (local.get $b) (v128.load offset=48 (local.get $at))))
//         (br_if $next
//           (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 64))) (local.get $end))))
//       (i64x2.extract_lane 0 (i64x2.add (local.get $a) (local.get $b)))))
const reader = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7e, 0x02, 0x0f, 0x01,
  0x03, 0x65, 0x6e, 0x76, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00, 0x01, 0x03, 0x02, 0x01, 0x00, 0x07,
  0x08, 0x01, 0x04, 0x72, 0x65, 0x61, 0x64, 0x00, 0x00, 0x0a, 0x56, 0x01, 0x54, 0x02, 0x01, 0x7f, 0x02, 0x7b, 0x03,
  0x40, 0x20, 0x02, 0x20, 0x01, 0xfd, 0x00, 0x04, 0x00, 0xfd, 0xce, 0x01, 0x21, 0x02, 0x20, 0x03, 0x20, 0x01, 0xfd,
  0x00, 0x04, 0x10, 0xfd, 0xce, 0x01, 0x21, 0x03, 0x20, 0x02, 0x20, 0x01, 0xfd, 0x00, 0x04, 0x20, 0xfd, 0xce, 0x01,
  0x21, 0x02, 0x20, 0x03, 0x20, 0x01, 0xfd, 0x00, 0x04, 0x30, 0xfd, 0xce, 0x01, 0x21, 0x03, 0x20, 0x01, 0x41, 0xc0,
  0x00, 0x6a, 0x22, 0x01, 0x20, 0x00, 0x49, 0x0d, 0x00, 0x0b, 0x20, 0x02, 0x20, 0x03, 0xfd, 0xce, 0x01, 0xfd, 0x1d,
  0x00, 0x0b,
]);

const pageBytes = 65536;
// In all threads together: far more than caches hold.
const totalBytes = 2 ** 28;
const passes = 8;

// Of each pass, when it began and ended, on the clock that threads share. Every pass begins when all threads are
// there. The memory is written, because pages that never were are all one page of zeros.
const script = `onData(({ reader, pages, passes, threads, arrived }) => {
  const memory = new WebAssembly.Memory({ initial: pages });
  new Float64Array(memory.buffer).fill(1.5);
  const { read } = new WebAssembly.Instance(new WebAssembly.Module(reader), { env: { memory } }).exports;
  const now = () => performance.timeOrigin + performance.now();
  const times = [];
  for (let pass = 1; pass <= passes; pass++) {
    if (arrived) {
      Atomics.add(arrived, 0, 1);
      while (Atomics.load(arrived, 0) < pass * threads);
    }
    const begin = now();
    read(memory.buffer.byteLength);
    times.push([begin, now()]);
  }
  postMessage(times);
});`;

type Times = readonly (readonly [begin: number, end: number])[];

/**
 * Bytes a second that `threads` threads read from memories of their own, the best of several passes over 256 MB in all;
 * null where threads cannot be made. It runs in WebAssembly, whose loads are those of the kernels; a loop over a
 * typed array would measure its bounds checks.
 */
export async function measureBandwidth(threads: number): Promise<number | null> {
  const pages = Math.floor(totalBytes / threads / pageBytes);
  try {
    const arrived = threads === 1 ? undefined : new Int32Array(new SharedArrayBuffer(4));
    const data = { reader, pages, passes, threads, arrived };
    const times = await Promise.all(Array.from({ length: threads }, () => machine.runThread(script, data)));
    return times.every(isTimes) ? (pages * pageBytes * threads * 1000) / shortestPass(times) : null;
  } catch {
    return null;
  }
}

// From when the first thread begins until the last has ended.
function shortestPass(times: readonly Times[]): number {
  const lengths = Array.from({ length: passes }, (_, pass) => {
    const all = times.map((each) => each[pass] ?? [NaN, NaN]);
    return Math.max(...all.map(([, end]) => end)) - Math.min(...all.map(([begin]) => begin));
  });
  return Math.min(...lengths);
}

function isTimes(value: unknown): value is Times {
  return Array.isArray(value) && value.length === passes && value.every((pass) => Array.isArray(pass));
}
