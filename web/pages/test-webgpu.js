// The checks of test-webgpu.html. What they find is shown, and is window.__verdict once they have all run.
import init, { WasmModel, format_chat } from '../dist/web-webgpu/index.js';

const parameters = new URLSearchParams(location.search);
const software = parameters.has('software');
const bundledModel = new URL('../../models/chord-tiny/chord-tiny-q8_0.gguf', import.meta.url).href;
const list = document.getElementById('checks');
const verdictElement = document.getElementById('verdict');

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

/** Greedy, so that both devices say the same. */
async function answer(model, question, length) {
  model.set_config(length, 0, 1, 0, 1);
  const begin = performance.now();
  const times = [];
  let text = '';
  const stream = model.generate_async(format_chat(undefined, question, 'chatml'));
  for await (const piece of stream) {
    text += piece;
    times.push(performance.now());
  }
  const speed = ((stream.token_count() - 1) / (times.at(-1) - times[0])) * 1000;
  return { text, first: times[0] - begin, speed };
}

/** Runs all checks on the model at `source`; answers with the verdict. */
async function runChecks(source) {
  list.replaceChildren();
  verdictElement.textContent = 'running';
  window.__verdict = undefined;
  const verdict = { passed: false, adapter: {}, userAgent: navigator.userAgent, figures: {}, checks: [] };

  async function check(name, work) {
    const result = { name, ok: true, detail: '', ms: 0 };
    const begin = performance.now();
    try {
      result.detail = (await work()) ?? '';
    } catch (error) {
      result.ok = false;
      result.detail = `${error.code ?? error.name}: ${error.message}`;
    }
    result.ms = Math.round(performance.now() - begin);
    verdict.checks.push(result);
    const item = document.createElement('li');
    item.className = result.ok ? 'pass' : 'fail';
    const detail = Object.assign(document.createElement('small'), { textContent: `${result.detail} ${result.ms} ms` });
    item.append(name, ' ', detail);
    list.append(item);
    return result.ok;
  }

  const options = { contextLength: 512, softwareAdapter: software };
  const question = 'What is the capital of France?';
  let onGpu;
  let onCpu;
  await init();

  await check('is_gpu_available() says what navigator.gpu does', () => {
    expect(WasmModel.is_gpu_available() === 'gpu' in navigator, `it says ${WasmModel.is_gpu_available()}`);
  });
  await check('there is an adapter', async () => {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
    expect(adapter, 'no adapter');
    const { vendor, architecture, device, description } = adapter.info;
    verdict.adapter = { vendor, architecture, device, description };
    return [vendor, architecture, device, description].filter(Boolean).join(', ');
  });
  await check('the model loads on the CPU', async () => {
    onCpu = await WasmModel.load(source, options);
    expect(onCpu.get_model_info().device === 'cpu', onCpu.get_model_info().device);
  });
  const placed = await check('the GPU passes the self-test, and the model loads on it', async () => {
    const begin = performance.now();
    onGpu = await WasmModel.load(source, { ...options, device: 'webgpu' });
    verdict.figures.load_ms = Math.round(performance.now() - begin);
    expect(onGpu.get_model_info().device === 'webgpu', onGpu.get_model_info().device);
  });
  if (placed) {
    await check('both give the same answer', async () => {
      const [gpu, cpu] = [await answer(onGpu, question, 40), await answer(onCpu, question, 40)];
      expect(gpu.text === cpu.text, `«${gpu.text}» and «${cpu.text}»`);
      return gpu.text;
    });
    await check('how fast they are', async () => {
      const [gpu, cpu] = [await answer(onGpu, question, 40), await answer(onCpu, question, 40)];
      verdict.figures.gpu_first_token_ms = Math.round(gpu.first);
      verdict.figures.gpu_tokens_per_second = Math.round(gpu.speed);
      verdict.figures.cpu_tokens_per_second = Math.round(cpu.speed);
      return `${gpu.speed.toFixed(0)} tokens/s on the GPU, ${cpu.speed.toFixed(0)} on the CPU`;
    });
    await check('the GPU has no synchronous generation', () => {
      try {
        onGpu.generate('a');
      } catch (error) {
        expect(error.code === 'invalid_argument' && error.message.includes('generate_async'), error.message);
        return error.message;
      }
      throw new Error('it generated');
    });
    await check('a model moves from the CPU to the GPU', async () => {
      const { text } = await answer(onCpu, question, 8);
      await onCpu.init_gpu_async({ softwareAdapter: software });
      expect(onCpu.get_model_info().device === 'webgpu', onCpu.get_model_info().device);
      expect((await answer(onCpu, question, 8)).text === text, 'it says something else there');
    });
  }
  onGpu?.free();
  onCpu?.free();

  verdict.passed = verdict.checks.every(({ ok }) => ok);
  verdictElement.textContent = JSON.stringify(verdict, undefined, 2);
  window.__verdict = verdict;
}

document.getElementById('file').addEventListener('change', ({ target }) => {
  if (target.files[0]) void runChecks(target.files[0]);
});
void runChecks(parameters.get('model') ?? bundledModel);
