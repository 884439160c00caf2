import { chordTextFlags } from '../abi/generated.js';
import type { Core } from './core.js';

// The C functions write as much as fits and say how much there is: a second call follows where the first guess was
// too small.

/** `more`: text flags besides that of special tokens. */
export function tokenize(core: Core, model: number, text: string, special: boolean, more = 0): Int32Array {
  return core.withScratch((scratch) => {
    const { address, length } = scratch.text(text);
    const count = scratch.allocate(4);
    const flags = (special ? chordTextFlags.special : 0) | more;
    // A token is at least a byte, apart from the space that SentencePiece may put before the text, and what begins and
    // ends it.
    const capacity = length + 4;
    const tokens = scratch.allocate(capacity * 4);
    core.check((x) => x.chord_tokenize(model, address, length, flags, tokens, capacity, count));
    const n = Math.min(core.control.data.getUint32(count, true), capacity);
    return new Int32Array(core.control.at(tokens, n * 4).slice().buffer);
  });
}

export function detokenize(core: Core, model: number, tokens: ArrayLike<number>, special: boolean): string {
  return readDetokenized(core, model, tokens, special, readText);
}

/**
 * The bytes that one token stands for within a text, which may be part of a character. Where the model puts a space
 * before a text, the token that begins one loses it: so the token is taken twice, and what the second one adds is it.
 */
export function tokenBytes(core: Core, model: number, token: number): Uint8Array {
  const bytesOf = (...tokens: number[]): Uint8Array => readDetokenized(core, model, tokens, true, readBytes);
  return bytesOf(token, token).subarray(bytesOf(token).length);
}

function readDetokenized<Result>(
  core: Core,
  model: number,
  tokens: ArrayLike<number>,
  special: boolean,
  read: (core: Core, guess: number, call: WritingCall) => Result,
): Result {
  return core.withScratch((scratch) => {
    const ids = scratch.int32s(tokens);
    const flags = special ? chordTextFlags.special : 0;
    return read(
      core,
      tokens.length * 8,
      (text, capacity, length) => (x) => x.chord_detokenize(model, ids, tokens.length, flags, text, capacity, length),
    );
  });
}

export function formatChat(core: Core, template: string, system: string | undefined, user: string): string {
  return core.withScratch((scratch) => {
    const name = scratch.cString(template);
    const s = system === undefined ? { address: 0, length: 0 } : scratch.text(system);
    const u = scratch.text(user);
    return readText(
      core,
      s.length + u.length + 256,
      (text, capacity, length) => (x) =>
        x.chord_format_chat(name, s.address, s.length, u.address, u.length, text, capacity, length),
    );
  });
}

type Call = Parameters<Core['check']>[0];

type WritingCall = (text: number, capacity: number, length: number) => Call;

function readText(core: Core, guess: number, call: WritingCall): string {
  return readWritten(core, guess, call, (text, length) => core.control.text(text, length));
}

function readBytes(core: Core, guess: number, call: WritingCall): Uint8Array {
  return readWritten(core, guess, call, (text, length) => core.control.at(text, length).slice());
}

function readWritten<Result>(
  core: Core,
  guess: number,
  call: WritingCall,
  take: (text: number, length: number) => Result,
): Result {
  return core.withScratch((scratch) => {
    const length = scratch.allocate(4);
    let capacity = guess;
    for (;;) {
      const text = scratch.allocate(capacity);
      core.check(call(text, capacity, length));
      const written = core.control.data.getUint32(length, true);
      if (written <= capacity) return take(text, written);
      capacity = written;
    }
  });
}
