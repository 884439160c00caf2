// What is in the tarball, and that its types are those that every kind of resolution of modules finds.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { Project, node20 } from './project.js';

const folder = 'node_modules/wasm-chord';
let project: Project;

before(async () => {
  project = await Project.install({});
});
after(() => {
  project.remove();
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The files that the conditions of an export lead to. */
function targets(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return isRecord(value) ? Object.values(value).flatMap(targets) : [];
}

test('every file that package.json names is there, and nothing for developers', () => {
  const manifest: unknown = JSON.parse(project.read(`${folder}/package.json`));
  assert.ok(isRecord(manifest) && isRecord(manifest['exports']));
  for (const key of ['scripts', 'devDependencies', 'dependencies']) assert.ok(!(key in manifest), key);
  assert.equal(manifest['sideEffects'], false);
  assert.deepEqual(Object.keys(manifest['exports']), ['.', './cpu', './webgpu', './bench', './package.json']);
  for (const path of [...targets(manifest['exports']), ...targets(manifest['bin'])]) {
    assert.ok(existsSync(join(project.folder, folder, path)), path);
  }
  assert.match(
    project.read(`${folder}/dist/THIRD_PARTY_LICENSES`),
    /^@huggingface\/jinja [^]*Permission is hereby granted/,
  );
  for (const name of ['README.md', 'LICENSE']) assert.ok(project.read(`${folder}/${name}`).length > 500, name);
});

test('no source maps, and no path of the machine that built it', () => {
  const strange = [resolve('..'), homedir(), 'node_modules/', 'sourceMappingURL'];
  const files = project.list(folder);
  assert.ok(files.length > 50);
  assert.deepEqual(
    files.filter((file) => file.endsWith('.map')),
    [],
  );
  for (const file of files.filter((file) => /\.(c?js|wasm|d\.ts)$/.test(file))) {
    const text = project.read(`${folder}/${file}`);
    for (const word of strange) assert.ok(!text.includes(word), `${word} in ${file}`);
  }
});

test('a strict TypeScript program finds its types, whichever way modules are resolved', async () => {
  const uses = `
    const source: ModelSource = 'model.gguf';
    export async function ask(): Promise<string> {
      await init({ threads: 2 });
      const model: WasmModel = await WasmModel.load(source);
      const architecture: string = model.get_model_info().architecture;
      let text = '';
      for await (const piece of model.generate_async(format_chat(null, 'Hello', 'chatml'))) text += piece;
      const engine: Engine = await load(source, { device: 'cpu', onProgress: ({ loaded }) => void loaded });
      const messages: ChatMessage[] = [{ role: 'user', content: text }];
      for await (const piece of engine.generate(messages, { seed: 1 })) text += piece.text;
      const { choices } = await engine.chat.completions.create({ messages });
      return text + architecture + (choices[0]?.message.content ?? '');
    }
    // @ts-expect-error: there is no such device.
    export const nowhere = load(source, { device: 'npu' });
    // @ts-expect-error: it takes a source.
    export const wrong = WasmModel.load(1);`;
  const imports = ['wasm-chord', 'wasm-chord/cpu', 'wasm-chord/webgpu'].map(
    (entry) => `import init, { WasmModel, format_chat, load } from '${entry}';
      import type { ChatMessage, Engine, ModelSource } from '${entry}';`,
  );
  const bench = `import { bench } from 'wasm-chord/bench'; export const measure: typeof bench = bench;`;
  for (const extension of ['mts', 'cts']) {
    imports.forEach((line, i) => {
      project.write(`program${i}.${extension}`, line + uses);
    });
    project.write(`bench.${extension}`, bench);
  }
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--skipDefaultLibCheck',
    '--target',
    'es2022',
    '--lib',
    'es2023,dom,dom.iterable,dom.asynciterable',
  ];
  const ways = [
    ['bundler', 'esnext', ['mts']],
    ['node16', 'node16', ['mts', 'cts']],
  ] as const;
  await Promise.all(
    ways.map(async ([resolution, module, extensions]) => {
      const files = extensions.flatMap((extension) => [
        ...imports.map((_, i) => `program${i}.${extension}`),
        `bench.${extension}`,
      ]);
      const flags = ['--module', module, '--moduleResolution', resolution, ...options];
      const result = await project.run(node20, tsc, ...flags, ...files).catch((error: unknown) => error);
      assert.ok(
        isRecord(result) && !('code' in result),
        `${resolution}: ${isRecord(result) ? String(result['stdout']) : ''}`,
      );
    }),
  );
});
