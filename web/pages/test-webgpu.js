// The checks of test-webgpu.html.
import init, { WasmModel, format_chat } from '../dist/web-webgpu/index.js';
import { checkModels, expect, parameters } from './checks.js';

const software = parameters.has('software');

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

checkModels({ adapter: {} }, async (source, check, verdict) => {
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
});
