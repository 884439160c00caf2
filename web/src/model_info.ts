import { ChordError } from './errors.js';
import type { Model } from './host/model.js';
import type { Session } from './host/session.js';

/** Bytes that a model holds, by purpose. */
export interface MemoryInfo {
  /** The weights in the data plane; 0 until they are placed (at the first generation, or by `load`). */
  readonly weights: number;
  /** Keys and values of the context; 0 until the first generation. */
  readonly kv_cache: number;
  /** Activations; 0 until the first generation. */
  readonly scratch: number;
  /** The control module's whole memory: vocabulary, metadata, plan. */
  readonly control: number;
  /** The data plane's whole memory, which holds the first three. */
  readonly data: number;
}

/** What `get_model_info` returns. A vocabulary-only file has zeros in the sizes. */
export interface ModelDescription {
  readonly architecture: string;
  /** `general.name`, "" where the file has none. */
  readonly name: string;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_layers: number;
  readonly num_heads: number;
  readonly num_kv_heads: number;
  readonly intermediate_size: number;
  /** Tokens that the model was trained for. */
  readonly max_seq_len: number;
  /** Tokens that fit here: `contextLength` of the options, else the model's own, at most 4096. */
  readonly context_length: number;
  readonly parameter_count: number;
  /** Of all tensors, in the file. */
  readonly weight_bytes: number;
  /** `general.file_type` as it is usually named ("Q4_K_M"), or "unknown". */
  readonly quantization: string;
  /**
   * Whether weights and a KV cache for `context_length` tokens fit the 4 GiB that a wasm32 memory has in every
   * browser.
   */
  readonly is_browser_model: boolean;
  readonly device: 'cpu' | 'webgpu';
  /** Why the model is where it is: what was asked for, or what kept it off the GPU. */
  readonly device_reason: string;
  /** The kernel variant, "" until the weights are placed. */
  readonly kernels: string;
  /** How many threads compute; 0 until the model is placed, and on the GPU. */
  readonly threads: number;
  readonly memory: MemoryInfo;
  /** Something about the file that one should know (an unknown pre-tokenizer …), or "". */
  readonly note: string;
}

/** Of the options that decide the size of a context. */
export interface ContextSettings {
  readonly contextLength: number;
  readonly kvElementBytes: number;
}

export const defaultContextLength = 4096;
const wasm32Bytes = 2 ** 32;

export function describeModel(
  model: Model,
  session: Session | undefined,
  context: ContextSettings,
  deviceReason: string,
): ModelDescription {
  const info = model.info();
  const sessionInfo = session?.info();
  const { architecture, kernels, threads } = model;
  const contextLength =
    sessionInfo?.contextLength ?? (context.contextLength || Math.min(info.contextLength, defaultContextLength));
  const weightBytes = Number(info.weightBytes);
  const keyLength = headLength(model, `${architecture}.attention.key_length`, info.embeddingLength, info.headCount);
  const valueLength = headLength(model, `${architecture}.attention.value_length`, info.embeddingLength, info.headCount);
  const kvBytes =
    info.blockCount * info.headCountKv * (keyLength + valueLength) * contextLength * context.kvElementBytes;
  return {
    architecture,
    name: model.metadata('general.name') ?? '',
    vocab_size: info.vocabSize,
    hidden_size: info.embeddingLength,
    num_layers: info.blockCount,
    num_heads: info.headCount,
    num_kv_heads: info.headCountKv,
    intermediate_size: info.feedForwardLength,
    max_seq_len: info.contextLength,
    context_length: contextLength,
    parameter_count: Number(info.parameterCount),
    weight_bytes: weightBytes,
    quantization: fileTypeName(model.metadata('general.file_type')),
    is_browser_model: info.vocabOnly === 0 && weightBytes + kvBytes <= wasm32Bytes,
    device: model.core.gpu ? 'webgpu' : 'cpu',
    device_reason: deviceReason,
    kernels,
    threads,
    memory: {
      weights: kernels === '' ? 0 : weightBytes,
      kv_cache: Number(sessionInfo?.kvBytes ?? 0n),
      scratch: Number(sessionInfo?.scratchBytes ?? 0n),
      control: model.core.control.bytes.length,
      data: model.core.dataBytes,
    },
    note: model.note,
  };
}

function headLength(model: Model, key: string, embeddingLength: number, headCount: number): number {
  const stated = Number(model.metadata(key));
  return Number.isInteger(stated) ? stated : headCount === 0 ? 0 : embeddingLength / headCount;
}

// general.file_type of the GGUF specification.
const fileTypes = new Map([
  ['0', 'F32'],
  ['1', 'F16'],
  ['2', 'Q4_0'],
  ['3', 'Q4_1'],
  ['7', 'Q8_0'],
  ['8', 'Q5_0'],
  ['9', 'Q5_1'],
  ['10', 'Q2_K'],
  ['11', 'Q3_K_S'],
  ['12', 'Q3_K_M'],
  ['13', 'Q3_K_L'],
  ['14', 'Q4_K_S'],
  ['15', 'Q4_K_M'],
  ['16', 'Q5_K_S'],
  ['17', 'Q5_K_M'],
  ['18', 'Q6_K'],
  ['21', 'Q2_K_S'],
  ['25', 'IQ4_NL'],
  ['30', 'IQ4_XS'],
  ['32', 'BF16'],
]);

function fileTypeName(fileType: string | undefined): string {
  return fileTypes.get(fileType ?? '') ?? 'unknown';
}

/** `length` tokens, undefined: the model's own. */
export function checkContextLength(length: number | undefined): number {
  if (length === undefined) return 0;
  if (Number.isInteger(length) && length > 0 && length <= 0xffff_ffff) return length;
  throw new ChordError('invalid_argument', `contextLength is ${length}; allowed is a whole number above 0`);
}
