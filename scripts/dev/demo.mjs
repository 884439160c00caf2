// Answers one question with chord-tiny through the package, as `./dev demo` shows it:
//
//   demo.mjs [PROMPT]
//
// The answer streams to stdout; then come speeds and sizes.
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = `${root}web/dist/node/`;
const { WasmModel, format_chat } = await import(`${dist}index.js`);

const question = process.argv[2] ?? 'What is the capital of France?';
const milliseconds = (value) => `${value.toFixed(1)} ms`;
const speed = (tokens, time) =>
  `${tokens} tokens in ${milliseconds(time)}, ${((tokens / time) * 1000).toFixed(0)} tok/s`;

const begin = performance.now();
const model = await WasmModel.load(`${root}models/chord-tiny/chord-tiny-q8_0.gguf`);
const loaded = performance.now();
const prompt = format_chat(undefined, question, 'chatml');
model.set_config(300, 0, 1, 0, 1);

console.log(`> ${question}\n`);
const start = performance.now();
const stream = model.generate_async(prompt);
let first;
let tokensAtFirst = 0;
for await (const piece of stream) {
  if (first === undefined) {
    first = performance.now();
    tokensAtFirst = stream.token_count();
  }
  process.stdout.write(piece);
}
const end = performance.now();
const { architecture, parameter_count, quantization, kernels } = model.get_model_info();

console.log(`\n
model     chord-tiny: ${architecture}, ${(parameter_count / 1e6).toFixed(1)} M parameters, ${quantization}
engine    Node ${process.version}, kernels ${kernels}, one thread
load      ${milliseconds(loaded - begin)}
prompt    ${speed(model.tokenize(prompt).length, first - start)} to the first piece
generate  ${speed(stream.token_count() - tokensAtFirst, end - first)}`);
for (const file of readdirSync(dist).filter((name) => /\.(wasm|js)$/.test(name))) {
  console.log(`${(statSync(dist + file).size / 1000).toFixed(1).padStart(8)} KB  ${file}`);
}
model.free();
