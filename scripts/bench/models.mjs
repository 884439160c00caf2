// The files that benchmarks run on, made by `chord synth` where they are not there yet.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The path, from the repository's root, of a model of random weights. */
export function madeModel(shape, type) {
  const path = `build/bench-models/${shape}-${type}.gguf`;
  if (!existsSync(root + path)) {
    mkdirSync(`${root}build/bench-models`, { recursive: true });
    execFileSync(`${root}build/native/bin/chord`, ['synth', '--shape', shape, '--type', type, root + path], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
  return path;
}

// models.mjs SHAPE TYPE prints the path.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(madeModel(process.argv[2], process.argv[3]));
