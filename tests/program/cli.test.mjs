// The program as a script sees it: what it prints, where, and its exit codes.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { checkReport } from '../../scripts/bench/report.mjs';
import { splitGguf, splitName } from '../split_gguf.mjs';
import { chord, fails, inRepository, inShared, kind, scratch, succeed, withoutShared } from './program.mjs';

const tinyF16 = inRepository('models/chord-tiny/chord-tiny-f16.gguf');
const tinyQ8 = inRepository('models/chord-tiny/chord-tiny-q8_0.gguf');
const { folder, file } = scratch();

describe('usage', () => {
  test('without a command, or with an unknown one, the exit code is 2', async () => {
    await fails(2, /usage: chord COMMAND/);
    await fails(2, /there is no command 'fly'/, 'fly');
  });

  test('--help of the program and of each command is on stdout', async () => {
    const help = await succeed('--help');
    const commands = [...help.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name);
    assert.deepEqual(commands, [
      'run',
      'info',
      'embed',
      'bench',
      'quantize',
      'synth',
      'tokenize',
      'logits',
      'perplexity',
    ]);
    for (const command of commands) {
      assert.match(await succeed(command, '--help'), new RegExp(`^usage: chord ${command} `));
    }
  });

  test('a wrong option, number or word says what is allowed', async () => {
    await fails(2, /usage: chord run MODEL/, 'run');
    await fails(2, /unrecognized option.*sped|unknown option.*sped/, 'run', tinyQ8, '--sped', '1');
    await fails(2, /--max-tokens cannot be 'many'; it takes N/, 'run', tinyQ8, '--max-tokens', 'many');
    await fails(2, /--kv cannot be 'f8'; it takes f16\|f32\|q8_0/, 'run', tinyQ8, '--kv', 'f8');
    await fails(2, /there is no type 'q9'; known are f32, f16/, 'quantize', tinyF16, join(folder, 'x'), 'q9');
  });

  test('--version is the version', async () => {
    assert.match(await succeed('--version'), /^\d+\.\d+\.\d+\n$/);
  });
});

describe('a model that is split over several files', () => {
  const whole = readFileSync(tinyQ8);
  const write = (name, files) => {
    for (const [i, content] of files.entries()) file(splitName(name, i + 1, files.length), content);
    return join(folder, splitName(name, 1, files.length));
  };
  const run = (model) =>
    succeed('run', model, '--prompt', 'Once upon a time', '--temperature', '0', '--max-tokens', '30');

  test('gives the same text, however it is split', async () => {
    const text = await run(tinyQ8);
    const ways = [
      [20, {}],
      [7, { emptyFirst: true }],
      [1000, { emptyFirst: true }],
    ];
    for (const [tensors, options] of ways) {
      assert.equal(await run(write(`split-${tensors}`, splitGguf(whole, tensors, options))), text);
    }
    assert.equal(await run(write('alone', splitGguf(whole, 1000))), text);
  });

  test('is not loaded from the middle, in part, or with a file that belongs elsewhere', async () => {
    const files = splitGguf(whole, 20);
    const first = write('parts', files);
    const second = splitName('parts', 2, files.length);
    await fails(1, /file 2 of the \d of a split model/, 'info', join(folder, second));
    file(second, files[2]);
    await fails(1, /file 2 of \d of a split model says that it is file 3/, 'info', first);
    rmSync(join(folder, second));
    await fails(1, /cannot open .*parts-00002-of-/, 'info', first);
    file(second, files[1].subarray(0, files[1].length - 1000));
    await fails(1, /inside its tensors/, 'run', first, '--prompt', 'a');
    const renamed = file('renamed.gguf', files[0]);
    await fails(1, /has no -00001-of- to find the others by/, 'info', renamed);
  });
});

describe('files that are no models', () => {
  const whole = readFileSync(tinyQ8);

  test('one that is not there', () => fails(1, /cannot open .*none\.gguf/, 'info', join(folder, 'none.gguf')));

  test('one that is empty', () => fails(1, /invalid_gguf/, 'info', file('empty.gguf', '')));

  test('a web page', () =>
    fails(
      1,
      /invalid_gguf: .*a web page/,
      'info',
      file('page.gguf', '<!DOCTYPE html><html><body>Not found</body></html>'),
    ));

  test('a header that is cut off', () =>
    fails(1, /invalid_gguf/, 'info', file('header.gguf', whole.subarray(0, 20000))));

  test('weights that are cut off', () =>
    fails(1, /invalid_gguf/, 'run', file('cut.gguf', whole.subarray(0, whole.length - 100000)), '--prompt', 'x'));

  test('an architecture that is not known', async () => {
    const changed = Buffer.from(whole);
    changed.write('lxama', changed.indexOf('llama'));
    const path = file('lxama.gguf', changed);
    assert.match(await succeed('info', path), /architecture +lxama/);
    await fails(1, /unsupported_architecture: .*"lxama"; supported are llama/, 'run', path, '--prompt', 'x');
  });
});

describe('run', () => {
  const ask = (...options) => succeed('run', tinyQ8, '--chat', 'chatml', ...options);

  test('answers a question', async () => {
    assert.equal(await ask('--prompt', 'What is the capital of France?'), 'The capital of France is Paris.\n');
  });

  test('takes the prompt from a file', async () => {
    const path = file('prompt.txt', 'What is 7 + 5?');
    assert.equal(await ask('--prompt-file', path), '7 + 5 = 12.\n');
  });

  test('stops at a text, across tokens, and at a number of tokens', async () => {
    const prompt = ['--prompt', 'What is the capital of France?'];
    assert.equal(await ask(...prompt, '--stop', 'ce is'), 'The capital of Fran\n');
    assert.equal(await ask(...prompt, '--max-tokens', '2'), 'The capital\n');
  });

  test('the same seed gives the same text here as everywhere, another seed another text', async () => {
    const story = (seed) =>
      succeed(
        'run',
        tinyQ8,
        '--prompt',
        'Once upon a time',
        '--temperature',
        '1',
        '--max-tokens',
        '24',
        '--seed',
        seed,
      );
    const first = await story('1');
    assert.equal(
      first,
      ', there was a lonely dog named Ken. He loved to play with his green map. One night, a big storm\n',
    );
    assert.equal(await story('1'), first);
    assert.notEqual(await story('2'), first);
  });

  test('several texts are of one prompt, which is computed once', async () => {
    const options = ['run', tinyQ8, '--prompt', 'Once upon a time', '--temperature', '1', '--max-tokens', '9'];
    const { stdout, stderr } = await chord(...options, '--seed', '4', '-n', '3', '--stats');
    const texts = await Promise.all(['4', '5', '6'].map((seed) => succeed(...options, '--seed', seed)));
    assert.equal(stdout, texts.join('---\n'));
    assert.deepEqual(
      [...stderr.matchAll(/prompt: (\d+) tokens \((\d+) reused\)/g)].map(([, all, reused]) => all - reused),
      [4, 1, 1],
    );
    await fails(2, /-n cannot be 'some'; it takes N/, ...options, '-n', 'some');
  });

  test('follows a JSON schema or a grammar, to its end', async () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer', minimum: 0, maximum: 120 },
      },
      required: ['name', 'age'],
      additionalProperties: false,
    };
    const path = file('schema.json', JSON.stringify(schema));
    const run = ['run', tinyQ8, '--prompt', 'A person as JSON:', '--temperature', '1', '--max-tokens', '40'];
    for (const seed of ['0', '1', '2', '3']) {
      const person = JSON.parse(await succeed(...run, '--seed', seed, '--json-schema', path));
      assert.deepEqual(Object.keys(person), ['name', 'age']);
      assert.ok(typeof person.name === 'string' && Number.isInteger(person.age) && person.age <= 120);
    }
    const grammar = file('city.gbnf', 'root ::= ("Paris" | "Lyon") "." # a city\n');
    assert.match(await succeed(...run, '--grammar', grammar), /^(Paris|Lyon)\.\n$/);
    await fails(1, /cannot be used together/, ...run, '--grammar', grammar, '--json-schema', path);
    await fails(1, /line 1, column 11/, ...run, '--grammar', file('bad.gbnf', 'root ::= ('));
    await fails(1, /at "\/if": "if" cannot be enforced/, ...run, '--json-schema', file('if.json', '{"if":{}}'));
  });

  test('--stats go to stderr', async () => {
    const { stderr } = await chord('run', tinyQ8, '--chat', 'chatml', '--prompt', 'What is 7 + 5?', '--stats');
    assert.match(
      stderr,
      /prompt: 16 tokens \(0 reused\), [\d.]+ tok\/s; generated: 9 tokens, [\d.]+ tok\/s; context: \d+ of 512/,
    );
  });

  test('a prompt that is longer than the context has both lengths in its error', () =>
    fails(
      1,
      /context_overflow: .*\d+ tokens.*context holds 8/,
      'run',
      tinyQ8,
      '--context',
      '8',
      '--prompt',
      'one two three four five six seven eight nine ten',
    ));

  test('the end of the context: stop, refuse, shift', async () => {
    const story = ['run', tinyQ8, '--prompt', 'Once upon a time', '--context', '32', '--max-tokens', '60', '--stats'];
    assert.match((await chord(...story)).stderr, /generated: 29 tokens/);
    await fails(1, /context_overflow/, ...story, '--overflow', 'refuse');
    assert.match((await chord(...story, '--overflow', 'shift', '--keep', '4')).stderr, /generated: 60 tokens/);
  });

  test('a kernel variant that is not there is named with those that are', () =>
    fails(1, /invalid_argument: .*scalar/, 'run', tinyQ8, '--prompt', 'x', '--kernels', 'mmx'));

  test('every type of KV cache answers', async () => {
    for (const type of ['f16', 'f32', 'q8_0']) {
      assert.equal(await ask('--prompt', 'What is 7 + 5?', '--kv', type), '7 + 5 = 12.\n');
    }
  });
});

describe('tokenize', () => {
  const names = ['deepseek-coder', 'falcon', 'gpt-2', 'llama-bpe', 'llama-spm', 'phi-3', 'qwen2'];
  for (const name of names) {
    test(`the ids of ${name}`, { skip: withoutShared }, async () => {
      const path = inShared(`vocab/ggml-vocab-${name}.gguf`);
      const texts = readFileSync(`${path}.inp`, 'utf8').split('\n__ggml_vocab_test__\n');
      const lines = readFileSync(`${path}.out`, 'utf8').split('\n');
      // One process for each text is slow; every fifth here, all of them in src/text.
      for (let i = 0; i < texts.length; i += 5) {
        const ids = await succeed('tokenize', path, '--file', file('text.txt', texts[i]), '--no-special');
        assert.deepEqual(ids.trim().split(/ +/), lines[i].trim().split(/ +/), JSON.stringify(texts[i]));
      }
    });
  }

  test('special tokens and BOS only as asked for', async () => {
    const text = ['--text', '<|im_end|>'];
    assert.equal(await succeed('tokenize', tinyQ8, ...text), '2\n');
    assert.equal(await succeed('tokenize', tinyQ8, ...text, '--bos'), '0 2\n');
    assert.notEqual(await succeed('tokenize', tinyQ8, ...text, '--no-special'), '2\n');
  });
});

describe('info', () => {
  test('says what the file is', async () => {
    const text = await succeed('info', tinyQ8, '--tensors');
    assert.match(text, /architecture +llama/);
    assert.match(text, /parameters +7344384/);
    assert.match(text, /token_embd\.weight +Q8_0 .*\[256, 4096\]/);
  });

  test('notes a tensor that the architecture does not use', async () => {
    const changed = Buffer.from(readFileSync(tinyQ8));
    // One block less in the metadata than in the tensors.
    changed.writeUInt32LE(7, changed.indexOf('llama.block_count') + 'llama.block_count'.length + 4);
    assert.match(await succeed('info', file('seven.gguf', changed)), /tensor blk\.7\.\S+ and 8 others are not used/);
    assert.doesNotMatch(await succeed('info', tinyQ8), /not used/);
  });

  test('a vocabulary alone has no sizes, and is not run', { skip: withoutShared }, async () => {
    const path = inShared('vocab/ggml-vocab-gpt-2.gguf');
    assert.match(await succeed('info', path), /vocabulary +50257 tokens/);
    await fails(1, /holds a vocabulary and no weights/, 'run', path, '--prompt', 'x');
  });
});

describe('logits, perplexity and bench', () => {
  test('token ids that are none, or not in the vocabulary', async () => {
    await fails(2, /ids separated by commas/, 'logits', tinyQ8, '--tokens', '1,x');
    await fails(1, /invalid_argument: .*4096/, 'logits', tinyQ8, '--tokens', '1,4096');
  });

  test('the largest logits of each position', async () => {
    assert.match(
      await succeed('logits', tinyQ8, '--tokens', '494,495'),
      /^0: 495 \([\d.]+\)( \d+ \(-?[\d.]+\)){4}\n1: /,
    );
  });

  test('perplexity is that of the logits, over the second half of each window', async () => {
    const path = file('eval.txt', readFileSync(inRepository('models/chord-tiny/eval.txt')).subarray(0, 1500));
    const ids = (await succeed('tokenize', tinyQ8, '--file', path)).trim().split(' ').map(Number);
    const losses = [];
    for (let begin = 0; begin + 64 <= ids.length; begin += 64) {
      const window = ids.slice(begin, begin + 64);
      const { logits } = JSON.parse(await succeed('logits', tinyQ8, '--json', '--tokens', window.join()));
      for (let i = 32; i < 63; i++) {
        const total = logits[i].reduce((sum, logit) => sum + Math.exp(logit), 0);
        losses.push(Math.log(total) - logits[i][window[i + 1]]);
      }
    }
    const expected = Math.exp(losses.reduce((sum, loss) => sum + loss) / losses.length);

    const printed = await succeed('perplexity', tinyQ8, '--file', path, '--context', '64', '--kv', 'f32');
    const [, perplexity, count] = /^perplexity ([\d.]+) ± [\d.]+ over (\d+) tokens\n$/.exec(printed);
    assert.equal(Number(count), losses.length);
    assert.ok(Math.abs(perplexity - expected) < 1e-3, `${perplexity}, not ${expected}`);
  });

  test('speeds', async () => {
    const text = await succeed('bench', tinyQ8, '--prompt', '8', '--generate', '4', '--runs', '1');
    assert.match(text, /^prompt +prefill tok\/s +decode tok\/s.*\n +8 +[\d.]+ \([\d.]+ to [\d.]+\) +[\d.]+ /m);
    await fails(2, /--prompt cannot be '8,'; it takes lengths/, 'bench', tinyQ8, '--prompt', '8,');
  });

  test('speeds as JSON, at several lengths', async () => {
    const options = [
      '--prompt',
      '2,4',
      '--generate',
      '2',
      '--runs',
      '2',
      '--kernels',
      'scalar',
      '--kv',
      'q8_0',
      '--json',
    ];
    const { speeds, ...report } = checkReport(JSON.parse(await succeed('bench', tinyQ8, ...options)));
    const { load_ms: load, peak_bytes: peak, bandwidth, kv_bytes: kv, ...facts } = report;
    assert.deepEqual(facts, {
      engine: `chord ${(await succeed('--version')).trim()}`,
      kernels: 'scalar',
      threads: 1,
      model: 'Chord Tiny',
      file: 'chord-tiny-q8_0.gguf',
      weight_bytes: 7816192,
      decode_bytes: 7816192,
      kv_type: 'q8_0',
      generated_tokens: 2,
      runs: 2,
    });
    assert.ok(kind === 'native' ? peak > facts.weight_bytes && peak < 1 << 28 : peak === null, `${peak}`);
    // Eight blocks of keys and values for 6 tokens, 128 channels each, 34 bytes for 32 of them.
    assert.ok(load > 0 && kv >= 13056 && kv < 14000, `${kv}`);
    assert.ok(kind === 'native' ? bandwidth > 1e8 : bandwidth === null, `${bandwidth}`);
    assert.deepEqual(
      speeds.map((speed) => speed.prompt_tokens),
      [2, 4],
    );
  });
});

describe('synth', () => {
  const tiny = join(folder, 'tiny.gguf');
  const make = (path, ...options) => succeed('synth', '--shape', 'tiny', '--type', 'q4_k_m', ...options, path);

  test('makes a model that runs', async () => {
    await make(tiny, '--context', '64');
    const text = await succeed('info', tiny, '--tensors');
    assert.match(text, /architecture +llama/);
    assert.match(text, /context +64 tokens/);
    assert.match(text, /blocks +2, of 256 channels and 512 /);
    assert.match(text, /blk\.1\.attn_v\.weight +Q6_K .*\[256, 128\]/);
    const options = ['--chat', 'chatml', '--prompt', 'Grüße 🙂', '--max-tokens', '3', '--stats'];
    assert.match((await chord('run', tiny, ...options)).stderr, /generated: [1-3] tokens/);
    const { logits } = JSON.parse(await succeed('logits', tiny, '--json', '--tokens', '7,300'));
    assert.ok(logits.flat().every((logit) => Math.abs(logit) < 10));
  });

  test('its tokenizer takes any text, and the control tokens', async () => {
    await make(tiny);
    // Bytes are the first 256 ids, in order.
    const bytes = [...Buffer.from('Ü 1')].join(' ');
    assert.equal(await succeed('tokenize', tiny, '--text', '<s>Ü 1<|im_end|>'), `1020 ${bytes} 1023\n`);
  });

  test('the bytes depend on the seed and on nothing else', async () => {
    const other = join(folder, 'other.gguf');
    await make(tiny, '--seed', '7');
    await make(other, '--seed', '7');
    assert.ok(readFileSync(tiny).equals(readFileSync(other)));
    await make(other, '--seed', '8');
    assert.ok(!readFileSync(tiny).equals(readFileSync(other)));
  });

  test('a shape and a type that are not known', async () => {
    const out = join(folder, 'none.gguf');
    await fails(
      2,
      /there is no shape 'huge'; known are tinyllama-1\.1b, /,
      'synth',
      '--shape',
      'huge',
      '--type',
      'q4_0',
      out,
    );
    await fails(2, /there is no type 'q9'; known are f32, /, 'synth', '--shape', 'tiny', '--type', 'q9', out);
  });
});

describe('quantize', { skip: kind !== 'native' && 'an offline tool: tested natively' }, () => {
  const quantized = (type) => join(folder, `${type}.gguf`);
  const tensorTypes = async (path) =>
    [...(await succeed('info', path, '--tensors')).matchAll(/^ {2}(\S+\.weight) +(\S+) +\d+ bytes/gm)]
      .map(([, name, type]) => `${name} ${type}`)
      .sort();

  for (const type of ['q4_0', 'q5_0', 'q2_k', 'q4_k_m', 'q6_k']) {
    test(`${type} has llama.cpp's mix of types and is as near to F16`, { skip: withoutShared }, async () => {
      const theirs = inShared(`quants/chord-tiny-${type}.gguf`);
      await succeed('quantize', tinyF16, quantized(type), type);
      assert.deepEqual(await tensorTypes(quantized(type)), await tensorTypes(theirs));

      const text = readFileSync(inRepository('models/chord-tiny/eval.txt'), 'utf8').slice(0, 1500);
      const ids = (await succeed('tokenize', tinyF16, '--file', file('eval.txt', text))).trim().split(' ');
      const rows = async (path) =>
        JSON.parse(await succeed('logits', path, '--json', '--tokens', ids.slice(0, 300).join())).logits.flat();
      const exact = await rows(tinyF16);
      const distance = (other) => other.reduce((sum, value, i) => sum + (value - exact[i]) ** 2, 0);
      const ratio = distance(await rows(quantized(type))) / distance(await rows(theirs));
      assert.ok(ratio <= 1.3, `the squared distance from F16 is ${ratio} times that of llama.cpp's file`);
    });
  }

  test('experts are quantized as other matrices, and their router is not', async () => {
    const exact = join(folder, 'exact-experts.gguf');
    await succeed('synth', '--shape', 'tiny-qwen2moe', '--type', 'f32', exact);
    await succeed('quantize', exact, quantized('experts'), 'q4_k_m');
    const text = await succeed('info', quantized('experts'), '--tensors');
    assert.match(text, /experts +3 of 8 for each token, and one that all share\n/);
    assert.match(text, /blk\.1\.ffn_gate_exps\.weight +Q4_K .*\[256, 128, 8\]/);
    const types = Object.fromEntries((await tensorTypes(quantized('experts'))).map((line) => line.split(' ')));
    const block = Object.entries(types).filter(([name]) => name.startsWith('blk.1.'));
    assert.deepEqual(Object.fromEntries(block.map(([name, type]) => [name.split('.')[2], type])), {
      attn_k: 'Q8_0',
      attn_norm: 'F32',
      attn_output: 'Q5_K',
      attn_q: 'Q4_K',
      attn_v: 'Q8_0',
      ffn_down_exps: 'Q8_0', // Q6_K, if rows of 128 were whole blocks of it
      ffn_down_shexp: 'Q6_K',
      ffn_gate_exps: 'Q4_K',
      ffn_gate_inp: 'F32',
      ffn_gate_inp_shexp: 'F32',
      ffn_gate_shexp: 'Q4_K',
      ffn_norm: 'F32',
      ffn_up_exps: 'Q4_K',
      ffn_up_shexp: 'Q4_K',
    });
    const rows = async (path) =>
      JSON.parse(await succeed('logits', path, '--json', '--tokens', '1,9,77')).logits.flat();
    const [before, after] = [await rows(exact), await rows(quantized('experts'))];
    const power = (values) => values.reduce((sum, value) => sum + value ** 2, 0);
    const error = power(after.map((value, i) => value - before[i])) / power(before);
    assert.ok(error > 0 && error < 0.1, `NMSE ${error}`);
  });

  test('every type answers', async () => {
    const list = (await succeed('quantize', '--help')).match(/weights of TYPE: ([^.]+)\./)[1].split(', ');
    assert.equal(list.length, 18);
    for (const type of list) {
      await succeed('quantize', tinyF16, quantized('any'), type);
      const answer = await succeed('run', quantized('any'), '--chat', 'chatml', '--prompt', 'What is 7 + 5?');
      assert.equal(answer, '7 + 5 = 12.\n', type);
    }
  });

  test('a failure leaves the file that was there', async () => {
    const path = file('kept.gguf', 'kept');
    await fails(1, /invalid_gguf/, 'quantize', file('broken.gguf', 'GGUF'), path, 'q4_0');
    assert.equal(readFileSync(path, 'utf8'), 'kept');
  });
});
