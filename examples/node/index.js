import { load } from 'wasm-chord';

const [model, question = 'What is the capital of France?'] = process.argv.slice(2);
if (model === undefined) throw new Error('usage: node index.js MODEL [QUESTION]');

const engine = await load(model);
const answer = engine.generate([{ role: 'user', content: question }], { temperature: 0 });
for await (const { text } of answer) process.stdout.write(text);
const { timings } = await answer.result;
console.log(`\n${timings.decodeTokensPerSecond.toFixed(0)} tokens/s on ${engine.info.threads} threads`);
await engine.dispose();
