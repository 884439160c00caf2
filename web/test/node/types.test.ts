// The declarations say what is exported, in every build.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import * as declared from 'wasm-chord';

const builds = ['node', 'web-cpu', 'web-webgpu'];
const entry = 'dist/types/index.d.ts';

const program = ts.createProgram([entry], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  strict: true,
  types: [],
});
const checker = program.getTypeChecker();

function declaredExports(): Map<string, ts.Symbol> {
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  assert.ok(module);
  const values = checker.getExportsOfModule(module).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return [symbol.name, target] as const;
  });
  return new Map(values.filter(([, symbol]) => symbol.flags & ts.SymbolFlags.Value));
}

function members(symbol: ts.Symbol, of: 'instance' | 'static'): string[] {
  const declaration = symbol.valueDeclaration;
  assert.ok(declaration);
  const type =
    of === 'instance'
      ? checker.getDeclaredTypeOfSymbol(symbol)
      : checker.getTypeOfSymbolAtLocation(symbol, declaration);
  return type
    .getProperties()
    .filter(({ flags, name }) => flags & ts.SymbolFlags.Method && !name.startsWith('__'))
    .map(({ name }) => name)
    .sort();
}

const ownMethods = (object: object): string[] =>
  Object.getOwnPropertyNames(object)
    .filter((name) => !['constructor', 'length', 'name', 'prototype'].includes(name))
    .sort();

test('the declarations compile without Node’s types, and hold no any', () => {
  assert.deepEqual(
    ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    [],
  );
  for (const source of program.getSourceFiles()) {
    if (source.fileName.includes('dist/types')) assert.doesNotMatch(source.text, /\bany\b(?=[;,)\]>])|#platform|#gpu/);
  }
});

for (const build of builds) {
  test(`${build} exports what is declared`, async () => {
    const actual: unknown = await import(pathToFileURL(`dist/${build}/index.js`).href);
    assert.ok(typeof actual === 'object' && actual !== null);
    const exports = declaredExports();
    assert.deepEqual(Object.keys(actual).sort(), [...exports.keys()].sort());
    for (const name of ['WasmModel', 'AsyncTokenStream']) {
      const symbol = exports.get(name);
      const value: unknown = Reflect.get(actual, name);
      assert.ok(symbol && typeof value === 'function');
      assert.deepEqual(ownMethods(value), members(symbol, 'static'));
      const prototype: unknown = value.prototype;
      assert.ok(typeof prototype === 'object' && prototype !== null);
      assert.deepEqual(ownMethods(prototype), members(symbol, 'instance'));
    }
  });
}

// Compiling this is the test.
test('the types of a caller hold', () => {
  const use = async (bytes: ArrayBuffer): Promise<void> => {
    await declared.default();
    const model = new declared.WasmModel(bytes);
    model.set_config(100, 0.7, 0.9, 40, 1.1);
    const text: string = model.generate_stream('', (piece) => piece !== '');
    model.generate_stream(text, (piece) => {
      piece.trim();
    });
    const stream: declared.AsyncTokenStream = model.generate_async('', { signal: new AbortController().signal });
    const { value, done }: IteratorResult<string, undefined> = await stream.next();
    if (done !== true) value.trim();
    for await (const piece of stream) piece.trim();
    for await (const piece of stream.get_async_iterator()) piece.trim();
    const info: declared.ModelDescription = model.get_model_info();
    const browser: boolean = info.is_browser_model;
    const gpu: boolean = declared.WasmModel.is_gpu_available();
    model.free();
    // @ts-expect-error a path is for load()
    new declared.WasmModel('path').free();
    // @ts-expect-error the template has no default
    declared.format_chat(undefined, String(browser && gpu));
  };
  assert.equal(typeof use, 'function');
});
