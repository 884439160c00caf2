// The checks of test-async.html.
import { bundledModel, checkModels, expect, parameters } from './checks.js';

const build = parameters.get('build') ?? 'web-cpu';
const story = 'Tell me a story about a cat and a boat.';

async function expectCode(code, work) {
  try {
    await work();
  } catch (error) {
    expect(error.name === 'ChordError' && error.code === code, `expected ${code}, got ${error.code}: ${error.message}`);
    return error;
  }
  throw new Error(`expected ${code}, and nothing failed`);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

checkModels({ build }, async (source, check, verdict) => {
  let chord;
  let model;
  let ask;
  const load = async () => {
    const loaded = await chord.WasmModel.load(source);
    loaded.set_config(100, 0, 1, 0, 1);
    return loaded;
  };

  const ready =
    (await check('the package is imported and its modules compile', async () => {
      chord = await import(`../dist/${build}/index.js`);
      await chord.default();
      ask = (question) => chord.format_chat(undefined, question, 'chatml');
      return `version ${chord.version()}`;
    })) &&
    (await check('the model loads', async () => {
      const begin = performance.now();
      model = await load();
      verdict.figures.load_ms = Math.round(performance.now() - begin);
      const info = model.get_model_info();
      return `${info.architecture} ${info.quantization}, kernels ${info.kernels}`;
    }));

  if (ready) {
    await check('pieces arrive in tasks of their own while a timer ticks', async () => {
      let ticks = 0;
      let tasks = 0;
      const timer = setInterval(() => ticks++, 1);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        tasks++;
        port2.postMessage(0);
      };
      port2.postMessage(0);
      try {
        const begin = performance.now();
        const stream = model.generate_async(ask(story));
        expect(performance.now() - begin < 50, 'generate_async did not return at once');
        const at = [];
        const times = [];
        for await (const piece of stream) {
          expect(piece !== '', 'an empty piece');
          at.push(tasks);
          times.push(performance.now());
        }
        expect(at.length > 10, `only ${at.length} pieces`);
        const separate = at.every((task, index) => index === 0 || task > at[index - 1]);
        expect(separate, `several pieces in one task: ${at}`);
        expect(ticks > 1, `the timer ticked ${ticks} times`);
        expect(stream.is_complete(), 'is_complete() is false at the end');
        expect(stream.token_count() >= at.length, 'token_count() is less than the pieces');
        const gaps = times.slice(1).map((time, index) => time - times[index]);
        verdict.figures.first_token_ms = Math.round(times[0] - begin);
        verdict.figures.tokens_per_second = Math.round(((stream.token_count() - 1) / (times.at(-1) - times[0])) * 1000);
        return `${at.length} pieces, ${ticks} ticks, ${median(gaps).toFixed(1)} ms between pieces`;
      } finally {
        clearInterval(timer);
        port1.close();
      }
    });

    if (source === bundledModel) {
      await check('it knows the capital of France, with each of the three calls', async () => {
        const prompt = ask('What is the capital of France?');
        const answer = 'The capital of France is Paris.';
        expect(model.generate(prompt) === answer, model.generate(prompt));
        let streamed = '';
        model.generate_stream(prompt, (text) => void (streamed += text));
        expect(streamed === answer, streamed);
        let awaited = '';
        for await (const piece of model.generate_async(prompt)) awaited += piece;
        expect(awaited === answer, awaited);
        return answer;
      });
    }

    await check('overlapping calls of next() are answered in order', async () => {
      const alone = [];
      for await (const piece of model.generate_async(ask(story))) alone.push(piece);
      const stream = model.generate_async(ask(story));
      const together = await Promise.all([stream.next(), stream.next(), stream.next()]);
      expect(together.map(({ value }) => value).join('|') === alone.slice(0, 3).join('|'), 'another order');
      await stream.return();
    });

    await check('leaving the loop stops the work within a token', async () => {
      const stream = model.generate_async(ask(story));
      let pieces = 0;
      for await (const piece of stream) if (piece !== '' && ++pieces === 3) break;
      const count = stream.token_count();
      expect(stream.is_complete(), 'is_complete() is false');
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(stream.token_count() === count, `${stream.token_count() - count} tokens more`);
      expect((await stream.next()).done, 'next() gave another piece');
      expect(model.generate(ask('What is 7 + 5?')) !== '', 'the model did not generate again');
      return `${count} tokens`;
    });

    await check('an aborted signal rejects with cancelled within a token', async () => {
      const controller = new AbortController();
      const stream = model.generate_async(ask(story), { signal: controller.signal });
      await stream.next();
      const count = stream.token_count();
      const waiting = stream.next();
      controller.abort();
      await expectCode('cancelled', () => waiting);
      expect(stream.token_count() - count <= 1, `${stream.token_count() - count} tokens more`);
    });

    await check('a second generation meanwhile is busy', async () => {
      const stream = model.generate_async(ask(story));
      await stream.next();
      const error = await expectCode('busy', () => model.generate('a'));
      await stream.return();
      return error.message;
    });

    await check('a broken file is a typed error, and the page lives on', async () => {
      const error = await expectCode('invalid_gguf', () => chord.WasmModel.load(new Uint8Array(10_000)));
      await expectCode('invalid_gguf', () => new chord.WasmModel(new Uint8Array(10_000)));
      await expectCode('network', () => chord.WasmModel.load('no-such-model.gguf'));
      expect(model.generate(ask('What is 7 + 5?')) !== '', 'the model did not generate any more');
      return error.message;
    });

    await check('without a GPU it is refused with a typed error', async () => {
      // The other build may find out more than that it has no code.
      const error = await model.init_gpu_async().then(
        () => undefined,
        (reason) => reason,
      );
      expect(error?.name === 'ChordError' && error.code.startsWith('gpu_'), `expected gpu_…, got ${error}`);
      expect(build !== 'web-cpu' || error.code === 'gpu_unavailable', error.code);
      await expectCode('invalid_argument', () => model.init_gpu());
      return error.message;
    });

    await check('free() in mid-stream closes it, and a second model loads', async () => {
      const stream = model.generate_async(ask(story));
      await stream.next();
      const waiting = stream.next();
      model.free();
      await expectCode('closed', () => waiting);
      await expectCode('closed', () => stream.next());
      await expectCode('closed', () => model.generate('a'));
      model.free();
      model = await load();
      expect(model.generate(ask('What is 7 + 5?')) !== '', 'the second model generated nothing');
    });
    model.free();
  }
});
