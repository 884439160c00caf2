// Writes src/abi/generated.ts from the C headers that fix the wasm boundary: include/chord.h (what the control
// module exports), src/abi/wasm/host.h (what it imports) and src/webgpu/host.h (what the WebGPU build's imports
// beside). With --check, fails where the file differs.
//
// The headers promise to hold only enumerations, flat structs of fixed-width members, size_t and pointers, and
// functions. This reads exactly that and refuses anything else, so no declaration can be missed in silence.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const output = new URL('../src/abi/generated.ts', import.meta.url);

// Of wasm32: bytes (also the alignment), the member of src/abi/struct.ts, its type in TypeScript.
const scalars = new Map([
  ['int32_t', [4, 'int32', 'number']],
  ['uint32_t', [4, 'uint32', 'number']],
  ['uint64_t', [8, 'uint64', 'bigint']],
  ['size_t', [4, 'uint32', 'number']],
  ['float', [4, 'float32', 'number']],
  ['double', [8, 'float64', 'number']],
]);
const pointer = [4, 'uint32', 'number'];

const camel = (name) => name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
// chord_model_info becomes ModelInfo; a name that has capitals already keeps them.
const pascal = (name) => (name === name.toLowerCase() ? camel(name.replace(/^chord_/, '')) : name).replace(/^./, upper);
const upper = (letter) => letter.toUpperCase();

// Comments and preprocessor lines go; what is left must be declarations.
function declarationsOf(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\/\/[^\n]*/g, ' ')
    .replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/gm, ' ')
    .replace(/extern\s+"C"\s*\{/g, ' ')
    .replace(/namespace\s+[\w:]+\s*\{/g, ' ')
    .replace(/CHORD_IMPORT\("(\w+)"\)/g, 'CHORD_IMPORT_$1 ')
    .replace(/\s+/g, ' ')
    .trim();
}

function parse(text, header) {
  const enums = [];
  const structs = new Map();
  const functions = [];
  const enumTypes = new Set();
  const opaque = new Set();

  const patterns = [
    [
      /^typedef enum (\w+) \{ ([^}]*?),? \} \1 ?;/,
      (m) => {
        const values = m[2].split(',').map((entry) => {
          const value = /^ ?(\w+) = (\d+) ?$/.exec(entry);
          if (!value) throw new Error(`${header}: enum ${m[1]}: cannot read «${entry}»: every value is written out`);
          return [value[1], Number(value[2])];
        });
        enums.push({ name: m[1], values });
        enumTypes.add(m[1]);
      },
    ],
    [/^typedef struct (\w+) \1 ?;/, (m) => opaque.add(m[1])],
    [/^typedef struct (\w+) \{ ([^}]*) \} \1 ?;/, (m) => structs.set(m[1], parseStruct(m[1], m[2]))],
    [/^struct (\w+) \{ ([^}]*) \} ?;/, (m) => structs.set(m[1], parseStruct(m[1], m[2]))],
    [/^CHORD_API ([\w ]+?\**) ?(\w+)\(([^)]*)\) ?;/, (m) => functions.push(parseFunction(m[2], m[1], m[3]))],
    [/^CHORD_IMPORT_(\w+) ([\w ]+?\**) ?\w+\(([^)]*)\) ?;/, (m) => functions.push(parseFunction(m[1], m[2], m[3]))],
    [/^\}/, () => {}],
  ];

  function parseStruct(name, body) {
    const fields = [];
    let offset = 0;
    let align = 1;
    for (const text of body
      .split(';')
      .map((line) => line.trim())
      .filter(Boolean)) {
      const m = /^(const )?(\w+)((?: ?\*(?: ?const)?)*) ?(\w+)(?:\[(\d+)\])?$/.exec(text);
      if (!m) throw new Error(`${header}: struct ${name}: cannot read the member «${text}»`);
      const [bytes, member, type] = layoutOf(m[2], m[3].includes('*'), `struct ${name}`);
      offset = Math.ceil(offset / bytes) * bytes;
      const count = m[5] === undefined ? undefined : Number(m[5]);
      fields.push({ name: camel(m[4]), member, type, bytes, offset, count });
      offset += bytes * (count ?? 1);
      align = Math.max(align, bytes);
    }
    return { name, fields, size: Math.ceil(offset / align) * align };
  }

  function layoutOf(type, isPointer, where) {
    if (isPointer) return pointer;
    if (enumTypes.has(type)) return scalars.get('uint32_t');
    const scalar = scalars.get(type);
    if (!scalar) throw new Error(`${header}: ${where}: unknown type «${type}»`);
    return scalar;
  }

  function typeOf(text, where) {
    const m = /^(?:const )?(\w+) ?(.*)$/.exec(text.trim());
    if (!m) throw new Error(`${header}: ${where}: cannot read the type «${text}»`);
    if (m[1] === 'void' && m[2] === '') return 'void';
    if (m[2].includes('*')) return 'number';
    return layoutOf(m[1], false, where)[2];
  }

  function parseFunction(name, result, parameters) {
    const list = parameters.trim() === 'void' || parameters.trim() === '' ? [] : parameters.split(',');
    return {
      name,
      result: typeOf(result, name),
      parameters: list.map((parameter) => {
        const m = /^(.*?)(\w+)$/.exec(parameter.trim());
        if (!m || m[1].trim() === '') throw new Error(`${header}: ${name}: cannot read «${parameter}»`);
        return [camel(m[2]), typeOf(m[1], name)];
      }),
    };
  }

  let rest = declarationsOf(text);
  while (rest !== '') {
    const found = patterns.some(([pattern, take]) => {
      const m = pattern.exec(rest);
      if (!m) return false;
      take(m);
      rest = rest.slice(m[0].length).trimStart();
      return true;
    });
    if (!found) throw new Error(`${header}: cannot read «${rest.slice(0, 80)}…»`);
  }
  for (const name of opaque) structs.delete(name);
  return { enums, structs: [...structs.values()], functions };
}

function enumLines({ name, values }) {
  const own = `${name.toUpperCase()}_`;
  const entries = values.map(([value, number]) => {
    const short = value.startsWith(own) ? value.slice(own.length) : value.replace(/^CHORD_/, '');
    return [dropKind(short, name).toLowerCase(), number];
  });
  return [
    `export const ${camel(name)} = {`,
    ...entries.map(([key, number]) => `  ${key}: ${number},`),
    '} as const;',
    ...(entries.every(([, number], index) => number === index)
      ? [`export const ${camel(name)}Names = [${entries.map(([key]) => `'${key}'`).join(', ')}] as const;`]
      : []),
    '',
  ];
}

// CHORD_KV_F16 of chord_kv_type, CHORD_TEXT_BOS of chord_text_flags: the first word of the enum's name again.
function dropKind(value, name) {
  const kind = `${name
    .replace(/^chord_/, '')
    .split('_')[0]
    .toUpperCase()}_`;
  return value.startsWith(kind) ? value.slice(kind.length) : value;
}

function structLines({ name, fields, size }) {
  const type = pascal(name);
  const lower = type.replace(/^./, (letter) => letter.toLowerCase());
  const visible = fields.filter((field) => field.name !== 'reserved');
  // A layout has no reserved members: the next one's alignment has to leave their place.
  let end = 0;
  for (const { name: member, bytes, offset, count } of visible) {
    if (Math.ceil(end / bytes) * bytes !== offset)
      throw new Error(`struct ${name}: ${member} lies behind what is reserved`);
    end = offset + bytes * (count ?? 1);
  }
  const members = visible.map((f) => `${f.name}: ${f.count ? `array(${f.member}, ${f.count})` : f.member}`);
  return [
    `export interface ${type} {`,
    ...visible.map((f) => `  ${f.name}: ${f.type}${f.count ? '[]' : ''};`),
    '}',
    `export const ${lower}Size = ${size};`,
    `const ${lower}: Members<${type}> = {`,
    ...members.map((member) => `  ${member},`),
    '};',
    `export const read${type} = /* @__PURE__ */ reader(${lower});`,
    `export const write${type} = /* @__PURE__ */ writer(${lower});`,
    '',
  ];
}

function functionLines(title, functions) {
  return [
    `export interface ${title} {`,
    ...functions.map(
      (f) => `  ${f.name}(${f.parameters.map(([name, type]) => `${name}: ${type}`).join(', ')}): ${f.result};`,
    ),
    '}',
    '',
  ];
}

const readHeader = (path) => parse(readFileSync(new URL(path, root), 'utf8'), path);
const exported = readHeader('include/chord.h');
const imported = readHeader('src/abi/wasm/host.h');
const gpu = readHeader('src/webgpu/host.h');

const text = [
  '// Written by tools/generate_abi.mjs from include/chord.h, src/abi/wasm/host.h and src/webgpu/host.h. Do not edit.',
  '// Addresses and size_t are numbers (wasm32; what wasm hands out is signed: >>> 0), 64-bit integers are bigints.',
  "import { array, float32, float64, int32, reader, uint32, uint64, writer } from './struct.js';",
  "import type { Members } from './struct.js';",
  '',
  ...exported.enums.flatMap(enumLines),
  ...[...exported.structs, ...imported.structs, ...gpu.structs].flatMap(structLines),
  '/** What the control module exports of include/chord.h. */',
  ...functionLines('ChordExports', exported.functions),
  '/** How many these are: a module of another version has others. */',
  `export const chordExportCount = ${exported.functions.length};`,
  '',
  '/** What the control module imports from "chord". */',
  ...functionLines('ChordImports', imported.functions),
  '/** What the WebGPU build imports besides. */',
  ...functionLines('GpuImports', gpu.functions),
  'export const gpuImportNames = [',
  ...gpu.functions.map((f) => `  '${f.name}',`),
  '] as const satisfies readonly (keyof GpuImports)[];',
  '',
].join('\n');

if (process.argv.includes('--check')) {
  if (readFileSync(output, 'utf8') !== text) {
    console.error('web/src/abi/generated.ts does not match the headers: run `npm run abi` in web/');
    process.exit(1);
  }
} else {
  writeFileSync(output, text);
  console.log(`wrote ${fileURLToPath(output)}`);
}
