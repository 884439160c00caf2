import { load } from 'wasm-chord';

const form = document.querySelector('form');
const answer = document.getElementById('answer');
const megabytes = (bytes) => (bytes / 1e6).toFixed(0);

const engine = await load('/model.gguf', {
  onProgress: ({ loaded, total }) => {
    answer.textContent = `Loading ${megabytes(loaded)} of ${total === undefined ? '?' : megabytes(total)} MB`;
  },
});
const { name, device, threads } = engine.info;
answer.textContent = `${name} is ready: ${device === 'cpu' ? `${threads} threads` : 'on the GPU'}.`;
form.querySelector('button').disabled = false;

form.onsubmit = async (event) => {
  event.preventDefault();
  answer.textContent = '';
  const messages = [{ role: 'user', content: form.question.value }];
  for await (const { text } of engine.generate(messages, { temperature: 0 })) answer.append(text);
};
