// Runs clang-tidy over the repository's files in a compilation database, several at a time.
//
//   tidy.mjs BUILD_FOLDER CACHE_FOLDER JOBS
//
// A file that passes leaves a stamp named by the hash of everything its result depends on: the preprocessed
// text, the flags, the checks and the tool's version. Next time the stamp is enough.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const kTidy = 'clang-tidy-22';
// The static analyzer takes four fifths of the time, and what it looks for a test shows by running. The sizes that
// tests multiply are small.
const kTestChecks = '--checks=-clang-analyzer-*,-bugprone-implicit-widening-of-multiplication-result';
const kFolders = /^(src|apps|tests|bench|cmake)\//;

const [buildFolder, cacheFolder, jobs] = process.argv.slice(2);
mkdirSync(cacheFolder, { recursive: true });

const { stdout: version } = await run(kTidy, ['--version']);
const { stdout: tracked } = await run('git', ['ls-files', '-z']);
const isTracked = new Set(tracked.split('\0'));
const common = version + kTestChecks + readFileSync('.clang-tidy', 'utf8');
const commands = JSON.parse(readFileSync(join(buildFolder, 'compile_commands.json'), 'utf8'));
// A file that several targets compile is looked at once.
const entries = new Map();
for (const entry of commands) {
  const file = relative(process.cwd(), entry.file);
  if (kFolders.test(file) && isTracked.has(file) && !entries.has(file)) entries.set(file, entry);
}

/** The command's words, without a compiler launcher, output and dependency files. */
function flagsOf(entry) {
  const words = entry.command.match(/(?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+/g).map((word) => {
    return word.replace(/\\(.)|"/g, (_, escaped) => escaped ?? '');
  });
  const compiler = words.findIndex((word) => /clang(\+\+)?(-\d+)?$/.test(word));
  const flags = [];
  for (let i = compiler; i < words.length; i++) {
    if (words[i] === '-o' || words[i] === '-MF' || words[i] === '-MT') i++;
    else if (words[i] !== '-c' && words[i] !== '-MD') flags.push(words[i]);
  }
  return flags;
}

async function stampOf(entry) {
  const [compiler, ...flags] = flagsOf(entry);
  const { stdout: text } = await run(compiler, [...flags, '-E', '-C'], {
    cwd: entry.directory,
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  return createHash('sha256').update(common).update(flags.join('\0')).update(text).digest('hex');
}

let failures = 0;
let cached = 0;
const queue = [...entries];
async function worker() {
  for (let next = queue.pop(); next; next = queue.pop()) {
    const [file, entry] = next;
    try {
      const stamp = join(cacheFolder, await stampOf(entry));
      if (existsSync(stamp)) {
        cached++;
        continue;
      }
      const checks = /_(test|bench)\.cc$/.test(file) ? [kTestChecks] : [];
      await run(kTidy, ['-p', buildFolder, '--quiet', ...checks, file], { maxBuffer: 1 << 26 });
      writeFileSync(stamp, '');
    } catch (error) {
      failures++;
      console.log(`${file}:\n${error.stdout ?? ''}${error.stdout ? '' : error.message}`);
    }
  }
}
await Promise.all(Array.from({ length: Number(jobs) }, worker));
console.log(`${entries.size} files, ${cached} of them unchanged since they passed, ${failures} with findings`);
process.exitCode = failures > 0 ? 1 : 0;
