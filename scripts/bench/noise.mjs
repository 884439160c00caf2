// What else the machine is doing, which no median takes out.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** The part of the cores' time that is taken up, over a fifth of a second in which the caller idles; NaN if unknown. */
export async function busyShare() {
  const before = cpuTimes();
  await setTimeout(200);
  const after = cpuTimes();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function cpuTimes() {
  try {
    const times = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
    return { idle: times[3] + times[4], all: times.reduce((sum, time) => sum + time) };
  } catch {
    return { idle: NaN, all: NaN };
  }
}
