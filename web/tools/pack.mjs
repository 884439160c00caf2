// Makes the npm tarball from web/dist and web/demo/dist: what users install, in build/package, and its name as the last line.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { repositoryRoot, webRoot } from './builds.mjs';

// All modules of four builds are in it, so that no user has to build anything, and the page that the program serves.
const tarballLimit = 2_500_000;

const folder = `${repositoryRoot}build/package/`;
const staged = `${folder}content/`;
const read = (path) => readFileSync(path, 'utf8');
const files = (root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** What the registry shows and what resolvers read; the rest is for developers. */
function manifest() {
  const { scripts, devDependencies, ...rest } = JSON.parse(read(`${webRoot}package.json`));
  // npm publishes with provenance only where this is the repository that the workflow runs in.
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  if (server && name) rest.repository = { type: 'git', url: `git+${server}/${name}.git`, directory: 'web' };
  return rest;
}

/** The licences of the packages that are bundled into the scripts, which ask to come along. */
function licences() {
  const names = new Set();
  for (const map of files(`${webRoot}dist`).filter((file) => file.endsWith('.js.map'))) {
    for (const source of JSON.parse(read(map)).sources) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1];
      if (name) names.add(name);
    }
  }
  return [...names].sort().map((name) => {
    const { version, license } = JSON.parse(read(`${webRoot}node_modules/${name}/package.json`));
    return `${name} ${version}, ${license}\n\n${read(`${webRoot}node_modules/${name}/LICENSE`)}`;
  });
}

/**
 * Puts the page of web/demo into the package, for the program's server. Its wasm modules are in the package already,
 * and `elsewhere.json` says where. It comes without the model, which is larger than all the rest; and its service
 * worker would outlive the server at an address where something else may run tomorrow, so the one here removes itself.
 */
function addPage() {
  const from = `${webRoot}demo/dist`;
  const to = `${staged}dist/page/`;
  const packaged = files(`${staged}dist/web-webgpu`).map((path) => ({ path, bytes: readFileSync(path) }));
  const elsewhere = {};
  for (const file of files(from)) {
    const name = relative(from, file).replaceAll('\\', '/');
    if (/(\.gguf|\.map|^service-worker\.js)$/.test(name)) continue;
    const bytes = readFileSync(file);
    const same = packaged.find((other) => other.bytes.equals(bytes));
    if (same) elsewhere[name] = relative(to, same.path).replaceAll('\\', '/');
    else cpSync(file, to + name);
  }
  writeFileSync(`${to}service-worker.js`, 'self.onactivate = () => self.registration.unregister();\n');
  writeFileSync(`${to}elsewhere.json`, `${JSON.stringify(elsewhere, undefined, 2)}\n`);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(staged, { recursive: true });
cpSync(`${webRoot}dist`, `${staged}dist`, { recursive: true, filter: (path) => !path.endsWith('.map') });
for (const file of files(`${staged}dist`).filter((file) => /\.c?js$/.test(file))) {
  writeFileSync(file, read(file).replace(/^\/\/# sourceMappingURL=.*\n?/m, ''));
}
addPage();
for (const name of ['README.md', 'LICENSE']) cpSync(repositoryRoot + name, staged + name);
const bundled = licences();
if (bundled.length > 0) writeFileSync(`${staged}dist/THIRD_PARTY_LICENSES`, bundled.join('\n\n'));
writeFileSync(`${staged}package.json`, `${JSON.stringify(manifest(), undefined, 2)}\n`);

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: staged, encoding: 'utf8' }),
);
if (packed.size > tarballLimit) {
  throw new Error(`${packed.filename} has ${packed.size} bytes, more than the ${tarballLimit} that are allowed`);
}
console.log(`${packed.entryCount} files, ${packed.unpackedSize} bytes, packed ${packed.size}`);
console.log(`build/package/${packed.filename}`);
