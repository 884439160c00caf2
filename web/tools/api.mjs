// Writes docs/api.md from the declarations in dist/types and their docstrings; with --check it only says whether that
// file is what it would write.
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { format, resolveConfig } from 'prettier';
import { repositoryRoot, webRoot } from './builds.mjs';

const folder = `${webRoot}dist/types/`;
const output = `${repositoryRoot}docs/api.md`;
const entries = [
  ['index.d.ts', 'wasm-chord, wasm-chord/cpu, wasm-chord/webgpu'],
  ['bench.d.ts', 'wasm-chord/bench'],
];

const program = ts.createProgram(
  entries.map(([file]) => folder + file),
  { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ES2022 },
);
const checker = program.getTypeChecker();
const isOurs = (node) => node.getSourceFile().fileName.startsWith(folder);
const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

/** A statement as it is declared, without the words that only a declaration file needs, and without its docstring. */
function declarationOf(declaration) {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const text = statement.getText().replace(/^(export )?(default )?(declare )?/, '');
  return text.replace(/^ *#private;\n/m, '').replace(/^ *private [^\n]*\n/gm, '');
}

/** Of the docstring: plain text, in which links stay as they are. */
const documentation = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker));

/** The symbols of this package that a declaration names. */
function namedIn(symbol) {
  const found = [];
  const visit = (node) => {
    // The classes are made by others; what their constructors take is not for users.
    if (ts.isConstructorDeclaration(node)) return;
    const named = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    if (named) found.push(resolved(named));
    ts.forEachChild(node, visit);
  };
  symbol.declarations.forEach(visit);
  return found.filter(({ declarations = [] }) =>
    declarations.some(
      (node) =>
        isOurs(node) && ts.isSourceFile(ts.isVariableDeclaration(node) ? node.parent.parent.parent : node.parent),
    ),
  );
}

const written = new Set();

async function section(name, symbol) {
  written.add(symbol);
  const code = symbol.declarations.map(declarationOf).join('\n');
  const options = { ...(await resolveConfig(`${webRoot}package.json`)), parser: 'typescript', printWidth: 100 };
  return `### ${name}\n\n${documentation(symbol)}\n\n\`\`\`ts\n${await format(code, options)}\`\`\`\n`;
}

const parts = [
  '# API\n',
  'Made from the docstrings by `npm run api` in `web/`; a test compares. [getting-started.md](getting-started.md) is shorter.\n',
];
const exported = entries.map(([file, title]) => {
  const module = checker.getSymbolAtLocation(program.getSourceFile(folder + file));
  return [title, checker.getExportsOfModule(module).map((symbol) => [symbol.name, resolved(symbol)])];
});
for (const [title, symbols] of exported) {
  parts.push(`## ${title}\n`);
  for (const [name, symbol] of symbols) {
    if (!written.has(symbol))
      parts.push(
        await section(name === 'default' ? `${symbol.declarations[0].name.text} (the default export)` : name, symbol),
      );
  }
}
// Types without an export of their own, which can be had by what has them.
let pending = [...written].flatMap(namedIn);
const others = new Set();
while (pending.length > 0) {
  const symbol = pending.pop();
  if (written.has(symbol) || others.has(symbol)) continue;
  others.add(symbol);
  pending.push(...namedIn(symbol));
}
if (others.size > 0) parts.push('## Types that these use\n');
for (const symbol of [...others].sort((a, b) => (a.name < b.name ? -1 : 1)))
  parts.push(await section(symbol.name, symbol));

const text = `${parts.join('\n').replace(/\n{3,}/g, '\n\n')}`;
if (!process.argv.includes('--check')) {
  writeFileSync(output, text);
} else if (readFileSync(output, 'utf8') !== text) {
  console.error('docs/api.md is not what the docstrings say: run ./dev build web, then npm run api in web/');
  process.exitCode = 1;
}
