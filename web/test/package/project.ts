// Fresh projects with the package installed from its tarball, outside of the repository so that nothing of it is found.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve('..');

export const model = join(root, 'models/chord-tiny/chord-tiny-q8_0.gguf');
/** As docs/deployment.md has it; the pages' own icon is one of data. */
export const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";
export const question = 'What is the capital of France?';
export const answer = 'The capital of France is Paris.';

export const consumers = join(root, 'tools/consumers/node_modules');
export const bun = join(consumers, '@oven/bun-linux-x64/bin/bun');
export const deno = join(consumers, '@deno/linux-x64-glibc/deno');
export const vite = resolve('node_modules/vite/bin/vite.js');
export const node20 = process.env['NODE20'] ?? process.execPath;
export const node26 = process.env['NODE26'] ?? process.execPath;
const npm = join(root, 'tools/node/node_modules/npm/bin/npm-cli.js');

export function tarball(): string {
  const folder = join(root, 'build/package');
  const [name, ...others] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  assert.ok(name !== undefined && others.length === 0, 'one tarball');
  return join(folder, name);
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** Runs a program; rejects with what it wrote if it fails. */
export async function run(file: string, args: readonly string[], cwd: string): Promise<Output> {
  return promisify(execFile)(file, args, { cwd, timeout: 120_000, maxBuffer: 1 << 24 });
}

export interface Started {
  readonly origin: string;
  /** What it has written to stdout. */
  readonly output: () => string;
  readonly end: () => void;
}

export class Project {
  readonly folder: string;

  private constructor(files: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), 'wasm-chord-'));
    for (const [name, text] of Object.entries({ 'package.json': '{ "private": true }', ...files }))
      this.write(name, text);
  }

  /** A folder with these files, by name, in which the tarball was installed without network. */
  static async install(files: Readonly<Record<string, string>>): Promise<Project> {
    const project = new Project(files);
    const options = ['--offline', '--no-audit', '--no-fund', '--omit=dev', '--cache', join(project.folder, '.npm')];
    await run(process.execPath, [npm, 'install', tarball(), ...options], project.folder);
    return project;
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** The paths of the files below a folder, relative to it. */
  list(folder: string): string[] {
    const path = join(this.folder, folder);
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
  }

  run(file: string, ...args: string[]): Promise<Output> {
    return run(file, args, this.folder);
  }

  /** Starts a server, which prints its address once it listens. */
  async start(file: string, ...args: string[]): Promise<Started> {
    const child = spawn(file, args, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    let output = '';
    const origin = await new Promise<string>((resolve, reject) => {
      child.on('exit', () => {
        reject(new Error(`${file} ended: ${output}`));
      });
      // Read to its end, since a server may hang that nobody listens to.
      child.stdout.on('data', (chunk) => {
        output += String(chunk);
        const found = /http:\/\/[\w.]+:\d+/.exec(output)?.[0];
        if (found !== undefined) resolve(found);
      });
    });
    return { origin, output: () => output, end: () => child.kill() };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What every consumer does, as the body of a script: both ways to an answer, which it leaves in `text`. */
export function asks(location: string): string {
  return `
    await init();
    const model = await WasmModel.load(${location});
    model.set_config(40, 0, 1, 0, 1);
    let text = '';
    for await (const piece of model.generate_async(format_chat(undefined, '${question}', 'chatml'))) text += piece;
    model.free();
    const engine = await load(${location});
    if (!engine.info.worker) throw new Error(engine.info.workerReason);
    const same = await engine.generate([{ role: 'user', content: '${question}' }], { temperature: 0 }).text();
    if (same !== text) throw new Error(same);
    await engine.dispose();`;
}
