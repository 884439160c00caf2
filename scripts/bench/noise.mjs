// What else the machine is doing, which no median takes out: a thread that waits for another on a core that somebody
// else has makes a program several times slower.
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const ticksPerSecond = 100;
const calmShare = 0.05;
const tries = 4;

/**
 * What `run` resolves to, as `result`, and the part of the cores that other processes took meanwhile, as `busy` (0
 * where the system does not tell). If that was much it runs again, a few times, and the calmest run counts.
 */
export async function calmly(run) {
  let calmest;
  for (let i = 0; i < tries && !(calmest?.busy <= calmShare); i++) {
    const others = otherSeconds();
    const begin = performance.now();
    const result = await run();
    const seconds = (performance.now() - begin) / 1000;
    const busy = (otherSeconds() - others) / seconds / availableParallelism() || 0;
    if (!(calmest?.busy <= busy)) calmest = { result, busy };
  }
  return calmest;
}

/** Said beside figures that a busy machine has spoilt, or undefined. */
export function warning(busy) {
  if (busy <= calmShare) return undefined;
  return `other programs took up to ${(busy * 100).toFixed(0)} % of the cores meanwhile: these figures do not hold`;
}

// Of all processes but this one and those that it started, and of those that they have waited for; NaN elsewhere than
// on Linux.
function otherSeconds() {
  const ticks = new Map();
  const parents = new Map();
  for (const id of folders('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(id);
    if (!fields) continue;
    parents.set(id, fields[1]);
    ticks.set(
      id,
      fields.slice(11, 15).reduce((sum, time) => sum + Number(time), 0),
    );
  }
  const isOwn = (id) => id === String(process.pid) || (parents.has(id) && isOwn(parents.get(id)));
  const others = [...ticks].filter(([id]) => !isOwn(id));
  return others.length === 0 ? NaN : others.reduce((sum, [, time]) => sum + time, 0) / ticksPerSecond;
}

function folders(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The fields of /proc/ID/stat from the state on: the name before them may hold anything. */
function statOf(id) {
  try {
    return readFileSync(`/proc/${id}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return undefined;
  }
}
