import {
  chordPlane,
  memorySize,
  modelInfoSize,
  readMemory,
  readModelInfo,
  readRequest,
  readTensor,
  requestSize,
  sessionOptionsSize,
  tensorSize,
  writeSessionOptions,
} from '../abi/generated.js';
import type { Memory, ModelInfo, SessionOptions } from '../abi/generated.js';
import type { Core } from './core.js';
import type { Scratch } from './scratch.js';
import { detokenize, tokenBytes, tokenize } from './text.js';

const sizeUnknown = 0xffff_ffff_ffff_ffffn;

/** Bytes of the file that the core wants, and where. */
export interface Wanted {
  readonly offset: number;
  /** Which file of a split model, from 0. */
  readonly file: number;
  /** The place, as a view that is valid until the next call into the core. */
  readonly target: Uint8Array;
}

/** A chord_model of the core. */
export class Model {
  readonly core: Core;
  readonly address: number;

  /** `fileSize` in bytes, of the first file of a split model; undefined where nobody knows. */
  constructor(core: Core, fileSize: number | undefined) {
    this.core = core;
    this.address = core.withScratch((scratch) => {
      const out = scratch.allocate(4);
      core.check((x) => x.chord_model_new(fileSize === undefined ? sizeUnknown : BigInt(fileSize), out));
      return core.control.data.getUint32(out, true);
    });
  }

  /** What loading wants next, or undefined when the header is parsed or the weights are placed. */
  want(): Wanted | undefined {
    const request = this.core.withScratch((scratch) => {
      const out = scratch.allocate(requestSize);
      this.core.check((x) => x.chord_model_want(this.address, out));
      return readRequest(this.core.control.data, out);
    });
    if (request.length === 0n) return undefined;
    const memory = request.plane === chordPlane.data_plane ? this.core.data.views : this.core.control;
    const target = memory.at(Number(request.address), Number(request.length));
    return { offset: Number(request.offset), file: request.file, target };
  }

  /** The first `length` wanted bytes are in place; 0 at the end of the file. */
  supply(length: number): void {
    this.core.check((x) => x.chord_model_supply(this.address, BigInt(length)));
  }

  /** The bytes that the model and a session of it will take, by purpose: on the CPU, or on the core's GPU. */
  estimate(options: SessionOptions, gpu?: object): Memory {
    return this.core.withScratch((scratch) => {
      const at = scratch.allocate(sessionOptionsSize);
      writeSessionOptions(this.core.control.data, at, options);
      const out = scratch.allocate(memorySize);
      this.core.check((x) => x.chord_model_estimate(this.address, placeOptions(scratch, gpu), at, out));
      return readMemory(this.core.control.data, out);
    });
  }

  /** Takes memory for the weights, on the GPU if the core has one; `want` then asks for them. */
  place(): void {
    this.core.withScratch((scratch) => {
      this.core.check((x) => x.chord_model_place(this.address, placeOptions(scratch, this.core.gpu)));
    });
  }

  info(): ModelInfo {
    return this.core.withScratch((scratch) => {
      const out = scratch.allocate(modelInfoSize);
      this.core.check((x) => x.chord_model_get_info(this.address, out));
      return readModelInfo(this.core.control.data, out);
    });
  }

  get architecture(): string {
    return this.core.cString((x) => x.chord_model_architecture(this.address));
  }

  /** How many threads compute, 0 until the model is placed. */
  get threads(): number {
    return this.core.invoke((x) => x.chord_model_threads(this.address)) >>> 0;
  }

  /** The kernel variant, "" until the model is placed. */
  get kernels(): string {
    return this.core.cString((x) => x.chord_model_kernels(this.address));
  }

  get note(): string {
    return this.core.cString((x) => x.chord_model_note(this.address));
  }

  /** The value of a metadata key as text. */
  metadata(key: string): string | undefined {
    return this.core.withScratch((scratch) => {
      const name = scratch.cString(key);
      const length = scratch.allocate(4);
      const text = this.core.invoke((x) => x.chord_model_metadata(this.address, name, length)) >>> 0;
      return text === 0 ? undefined : this.core.control.text(text, this.core.control.data.getUint32(length, true));
    });
  }

  /** The bytes of each tensor by its name. */
  tensorBytes(): Map<string, number> {
    const { tensorCount } = this.info();
    return this.core.withScratch((scratch) => {
      const out = scratch.allocate(tensorSize);
      return new Map(
        Array.from({ length: tensorCount }, (_, index) => {
          this.core.check((x) => x.chord_model_get_tensor(this.address, index, out));
          const { name, bytes } = readTensor(this.core.control.data, out);
          return [this.core.control.cString(name), Number(bytes)];
        }),
      );
    });
  }

  metadataKeys(): string[] {
    const count = this.core.invoke((x) => x.chord_model_metadata_count(this.address)) >>> 0;
    return Array.from({ length: count }, (_, index) =>
      this.core.cString((x) => x.chord_model_metadata_key(this.address, index)),
    );
  }

  /**
   * The tokens of a prompt: begun with the BOS token where the file asks for it, unless the prompt begins with it
   * already.
   */
  promptTokens(prompt: string): Int32Array {
    const tokens = this.tokenize(prompt, true);
    const { addBos, bosToken } = this.info();
    return addBos === 1 && tokens[0] !== bosToken ? Int32Array.of(bosToken, ...tokens) : tokens;
  }

  tokenize(text: string, special: boolean): Int32Array {
    return tokenize(this.core, this.address, text, special);
  }

  detokenize(tokens: ArrayLike<number>, special: boolean): string {
    return detokenize(this.core, this.address, tokens, special);
  }

  /** The bytes that a token stands for within a text, which may be part of a character. */
  tokenBytes(token: number): Uint8Array {
    return tokenBytes(this.core, this.address, token);
  }
}

function placeOptions(scratch: Scratch, gpu: object | undefined): number {
  return gpu ? scratch.int32s([scratch.cString('webgpu')]) : 0;
}
