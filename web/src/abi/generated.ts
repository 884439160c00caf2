// Written by tools/generate_abi.mjs from include/chord.h, src/abi/wasm/host.h and src/webgpu/host.h. Do not edit.
// Addresses and size_t are numbers (wasm32; what wasm hands out is signed: >>> 0), 64-bit integers are bigints.
import { array, float32, float64, int32, reader, uint32, uint64, writer } from './struct.js';
import type { Members } from './struct.js';

export const chordCode = {
  ok: 0,
  invalid_argument: 1,
  invalid_gguf: 2,
  unsupported_format: 3,
  unsupported_architecture: 4,
  invalid_model: 5,
  out_of_memory: 6,
  context_overflow: 7,
  io: 8,
  source_consumed: 9,
  cancelled: 10,
  busy: 11,
  closed: 12,
  worker_lost: 13,
  internal: 14,
  invalid_session: 15,
} as const;
export const chordCodeNames = ['ok', 'invalid_argument', 'invalid_gguf', 'unsupported_format', 'unsupported_architecture', 'invalid_model', 'out_of_memory', 'context_overflow', 'io', 'source_consumed', 'cancelled', 'busy', 'closed', 'worker_lost', 'internal', 'invalid_session'] as const;

export const chordPlane = {
  control_plane: 0,
  data_plane: 1,
} as const;
export const chordPlaneNames = ['control_plane', 'data_plane'] as const;

export const chordPooling = {
  none: 0,
  mean: 1,
  cls: 2,
  last: 3,
} as const;
export const chordPoolingNames = ['none', 'mean', 'cls', 'last'] as const;

export const chordTextFlags = {
  special: 1,
  bos: 2,
  eos: 4,
} as const;

export const chordTokenFlags = {
  ends: 1,
} as const;

export const chordKvType = {
  f16: 0,
  f32: 1,
  q8_0: 2,
} as const;
export const chordKvTypeNames = ['f16', 'f32', 'q8_0'] as const;

export const chordOverflow = {
  stop: 0,
  refuse: 1,
  shift: 2,
} as const;
export const chordOverflowNames = ['stop', 'refuse', 'shift'] as const;

export const chordEvent = {
  working: 0,
  token: 1,
  waiting: 2,
  logits: 3,
  done: 4,
  filter: 5,
  bytes: 6,
} as const;
export const chordEventNames = ['working', 'token', 'waiting', 'logits', 'done', 'filter', 'bytes'] as const;

export const chordFinish = {
  none: 0,
  stop: 1,
  length: 2,
  context: 3,
  cancelled: 4,
  error: 5,
} as const;
export const chordFinishNames = ['none', 'stop', 'length', 'context', 'cancelled', 'error'] as const;

export interface Request {
  offset: bigint;
  length: bigint;
  address: bigint;
  plane: number;
  file: number;
}
export const requestSize = 32;
const request: Members<Request> = {
  offset: uint64,
  length: uint64,
  address: uint64,
  plane: uint32,
  file: uint32,
};
export const readRequest = /* @__PURE__ */ reader(request);
export const writeRequest = /* @__PURE__ */ writer(request);

export interface PlaceOptions {
  kernels: number;
  threads: number;
}
export const placeOptionsSize = 12;
const placeOptions: Members<PlaceOptions> = {
  kernels: uint32,
  threads: uint32,
};
export const readPlaceOptions = /* @__PURE__ */ reader(placeOptions);
export const writePlaceOptions = /* @__PURE__ */ writer(placeOptions);

export interface ModelInfo {
  vocabSize: number;
  contextLength: number;
  embeddingLength: number;
  blockCount: number;
  feedForwardLength: number;
  headCount: number;
  headCountKv: number;
  tensorCount: number;
  parameterCount: bigint;
  weightBytes: bigint;
  bosToken: number;
  eosToken: number;
  addBos: number;
  vocabOnly: number;
  addEos: number;
  pooling: number;
  encoder: number;
}
export const modelInfoSize = 80;
const modelInfo: Members<ModelInfo> = {
  vocabSize: uint32,
  contextLength: uint32,
  embeddingLength: uint32,
  blockCount: uint32,
  feedForwardLength: uint32,
  headCount: uint32,
  headCountKv: uint32,
  tensorCount: uint32,
  parameterCount: uint64,
  weightBytes: uint64,
  bosToken: int32,
  eosToken: int32,
  addBos: uint32,
  vocabOnly: uint32,
  addEos: uint32,
  pooling: uint32,
  encoder: uint32,
};
export const readModelInfo = /* @__PURE__ */ reader(modelInfo);
export const writeModelInfo = /* @__PURE__ */ writer(modelInfo);

export interface Tensor {
  name: number;
  typeName: number;
  dims: bigint[];
  offset: bigint;
  bytes: bigint;
  dimensionCount: number;
}
export const tensorSize = 64;
const tensor: Members<Tensor> = {
  name: uint32,
  typeName: uint32,
  dims: array(uint64, 4),
  offset: uint64,
  bytes: uint64,
  dimensionCount: uint32,
};
export const readTensor = /* @__PURE__ */ reader(tensor);
export const writeTensor = /* @__PURE__ */ writer(tensor);

export interface SessionOptions {
  contextLength: number;
  batchLength: number;
  kvType: number;
  overflow: number;
  keep: number;
}
export const sessionOptionsSize = 20;
const sessionOptions: Members<SessionOptions> = {
  contextLength: uint32,
  batchLength: uint32,
  kvType: uint32,
  overflow: uint32,
  keep: uint32,
};
export const readSessionOptions = /* @__PURE__ */ reader(sessionOptions);
export const writeSessionOptions = /* @__PURE__ */ writer(sessionOptions);

export interface Memory {
  weights: bigint;
  kvCache: bigint;
  scratch: bigint;
}
export const memorySize = 24;
const memory: Members<Memory> = {
  weights: uint64,
  kvCache: uint64,
  scratch: uint64,
};
export const readMemory = /* @__PURE__ */ reader(memory);
export const writeMemory = /* @__PURE__ */ writer(memory);

export interface LogitBias {
  token: number;
  bias: number;
}
export const logitBiasSize = 8;
const logitBias: Members<LogitBias> = {
  token: int32,
  bias: float32,
};
export const readLogitBias = /* @__PURE__ */ reader(logitBias);
export const writeLogitBias = /* @__PURE__ */ writer(logitBias);

export interface GenerationOptions {
  seed: bigint;
  maxTokens: number;
  topK: number;
  temperature: number;
  topP: number;
  minP: number;
  repetitionPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  penaltyWindow: number;
  ignoreEos: number;
  specialText: number;
  stopCount: number;
  stops: number;
  stopTokens: number;
  stopTokenCount: number;
  logitBiasCount: number;
  logitBiases: number;
  candidates: number;
  draftTokens: number;
  filterLogits: number;
}
export const generationOptionsSize = 88;
const generationOptions: Members<GenerationOptions> = {
  seed: uint64,
  maxTokens: uint32,
  topK: uint32,
  temperature: float32,
  topP: float32,
  minP: float32,
  repetitionPenalty: float32,
  frequencyPenalty: float32,
  presencePenalty: float32,
  penaltyWindow: uint32,
  ignoreEos: uint32,
  specialText: uint32,
  stopCount: uint32,
  stops: uint32,
  stopTokens: uint32,
  stopTokenCount: uint32,
  logitBiasCount: uint32,
  logitBiases: uint32,
  candidates: uint32,
  draftTokens: uint32,
  filterLogits: uint32,
};
export const readGenerationOptions = /* @__PURE__ */ reader(generationOptions);
export const writeGenerationOptions = /* @__PURE__ */ writer(generationOptions);

export interface EmbeddingOptions {
  pooling: number;
  raw: number;
}
export const embeddingOptionsSize = 8;
const embeddingOptions: Members<EmbeddingOptions> = {
  pooling: uint32,
  raw: uint32,
};
export const readEmbeddingOptions = /* @__PURE__ */ reader(embeddingOptions);
export const writeEmbeddingOptions = /* @__PURE__ */ writer(embeddingOptions);

export interface Piece {
  text: number;
  length: number;
  token: number;
  logprob: number;
}
export const pieceSize = 20;
const piece: Members<Piece> = {
  text: uint32,
  length: uint32,
  token: int32,
  logprob: float32,
};
export const readPiece = /* @__PURE__ */ reader(piece);
export const writePiece = /* @__PURE__ */ writer(piece);

export interface Candidate {
  token: number;
  logprob: number;
}
export const candidateSize = 8;
const candidate: Members<Candidate> = {
  token: int32,
  logprob: float32,
};
export const readCandidate = /* @__PURE__ */ reader(candidate);
export const writeCandidate = /* @__PURE__ */ writer(candidate);

export interface Filter {
  logits: number;
  vocabSize: number;
  generatedTokens: number;
}
export const filterSize = 12;
const filter: Members<Filter> = {
  logits: uint32,
  vocabSize: uint32,
  generatedTokens: uint32,
};
export const readFilter = /* @__PURE__ */ reader(filter);
export const writeFilter = /* @__PURE__ */ writer(filter);

export interface Rows {
  first: bigint;
  count: bigint;
}
export const rowsSize = 16;
const rows: Members<Rows> = {
  first: uint64,
  count: uint64,
};
export const readRows = /* @__PURE__ */ reader(rows);
export const writeRows = /* @__PURE__ */ writer(rows);

export interface SessionInfo {
  contextLength: number;
  contextUsed: number;
  promptTokens: number;
  reusedTokens: number;
  generatedTokens: number;
  draftedTokens: number;
  acceptedTokens: number;
  finish: number;
  prefillMs: number;
  decodeMs: number;
  kvBytes: bigint;
  scratchBytes: bigint;
}
export const sessionInfoSize = 64;
const sessionInfo: Members<SessionInfo> = {
  contextLength: uint32,
  contextUsed: uint32,
  promptTokens: uint32,
  reusedTokens: uint32,
  generatedTokens: uint32,
  draftedTokens: uint32,
  acceptedTokens: uint32,
  finish: uint32,
  prefillMs: float64,
  decodeMs: float64,
  kvBytes: uint64,
  scratchBytes: uint64,
};
export const readSessionInfo = /* @__PURE__ */ reader(sessionInfo);
export const writeSessionInfo = /* @__PURE__ */ writer(sessionInfo);

export interface OpenedDataPlane {
  heapBase: bigint;
  size: bigint;
  limit: bigint;
  run: number;
  threads: number;
}
export const openedDataPlaneSize = 32;
const openedDataPlane: Members<OpenedDataPlane> = {
  heapBase: uint64,
  size: uint64,
  limit: uint64,
  run: uint32,
  threads: uint32,
};
export const readOpenedDataPlane = /* @__PURE__ */ reader(openedDataPlane);
export const writeOpenedDataPlane = /* @__PURE__ */ writer(openedDataPlane);

export interface GpuLimits {
  maxBindingBytes: bigint;
  maxBufferBytes: bigint;
  sharedBytes: number;
  software: number;
  dot8: number;
  matrices: number;
}
export const gpuLimitsSize = 32;
const gpuLimits: Members<GpuLimits> = {
  maxBindingBytes: uint64,
  maxBufferBytes: uint64,
  sharedBytes: uint32,
  software: uint32,
  dot8: uint32,
  matrices: uint32,
};
export const readGpuLimits = /* @__PURE__ */ reader(gpuLimits);
export const writeGpuLimits = /* @__PURE__ */ writer(gpuLimits);

export interface GpuBinding {
  binding: number;
  buffer: number;
  offset: bigint;
  size: bigint;
}
export const gpuBindingSize = 24;
const gpuBinding: Members<GpuBinding> = {
  binding: uint32,
  buffer: uint32,
  offset: uint64,
  size: uint64,
};
export const readGpuBinding = /* @__PURE__ */ reader(gpuBinding);
export const writeGpuBinding = /* @__PURE__ */ writer(gpuBinding);

export interface GpuDispatch {
  pipeline: number;
  group: number;
  x: number;
  y: number;
  z: number;
}
export const gpuDispatchSize = 20;
const gpuDispatch: Members<GpuDispatch> = {
  pipeline: uint32,
  group: uint32,
  x: uint32,
  y: uint32,
  z: uint32,
};
export const readGpuDispatch = /* @__PURE__ */ reader(gpuDispatch);
export const writeGpuDispatch = /* @__PURE__ */ writer(gpuDispatch);

export interface GpuRead {
  buffer: number;
  offset: bigint;
  length: bigint;
}
export const gpuReadSize = 24;
const gpuRead: Members<GpuRead> = {
  buffer: uint32,
  offset: uint64,
  length: uint64,
};
export const readGpuRead = /* @__PURE__ */ reader(gpuRead);
export const writeGpuRead = /* @__PURE__ */ writer(gpuRead);

/** What the control module exports of include/chord.h. */
export interface ChordExports {
  chord_version(): number;
  chord_code_name(code: number): number;
  chord_error_message(): number;
  chord_model_new(fileSize: bigint, model: number): number;
  chord_model_free(model: number): void;
  chord_model_want(model: number, request: number): number;
  chord_model_supply(model: number, length: bigint): number;
  chord_model_place(model: number, options: number): number;
  chord_model_get_info(model: number, info: number): number;
  chord_model_architecture(model: number): number;
  chord_model_kernels(model: number): number;
  chord_model_fingerprint(model: number): bigint;
  chord_model_threads(model: number): number;
  chord_model_note(model: number): number;
  chord_model_metadata_count(model: number): number;
  chord_model_metadata_key(model: number, index: number): number;
  chord_model_metadata(model: number, key: number, length: number): number;
  chord_model_get_tensor(model: number, index: number, tensor: number): number;
  chord_tokenize(model: number, text: number, length: number, flags: number, tokens: number, capacity: number, count: number): number;
  chord_detokenize(model: number, tokens: number, count: number, flags: number, text: number, capacity: number, length: number): number;
  chord_model_token_texts(model: number, tokenCount: number, texts: number, capacity: number, ends: number, flags: number, length: number): number;
  chord_format_chat(templateName: number, system: number, systemLength: number, user: number, userLength: number, text: number, capacity: number, length: number): number;
  chord_model_estimate(model: number, place: number, options: number, memory: number): number;
  chord_session_new(model: number, options: number, session: number): number;
  chord_session_free(session: number): void;
  chord_generation_defaults(options: number): void;
  chord_generate(session: number, tokens: number, count: number, options: number): number;
  chord_evaluate(session: number, tokens: number, count: number): number;
  chord_embed(session: number, tokens: number, lengths: number, count: number, options: number): number;
  chord_get_embedding(session: number, text: number, embedding: number): number;
  chord_step(session: number, budgetMs: number, event: number): number;
  chord_get_piece(session: number, piece: number): number;
  chord_get_candidates(session: number, candidates: number, capacity: number, count: number): number;
  chord_get_filter(session: number, filter: number): number;
  chord_get_rows(session: number, rows: number): number;
  chord_get_logits(session: number, position: bigint, logits: number): number;
  chord_cancel(session: number): void;
  chord_session_save(session: number, size: number): number;
  chord_session_load(session: number, size: bigint): number;
  chord_get_bytes(session: number, request: number): number;
  chord_session_clear(session: number): number;
  chord_session_get_info(session: number, info: number): number;
}

/** How many these are: a module of another version has others. */
export const chordExportCount = 42;

/** What the control module imports from "chord". */
export interface ChordImports {
  now(): number;
  data_open(bytes: bigint, result: number): number;
  data_grow(bytes: bigint): bigint;
  data_write(address: bigint, source: number, length: number): void;
  data_read(address: bigint, destination: number, length: number): void;
  refused(bytes: number): void;
  kernels_name(name: number, capacity: number): number;
}

/** What the WebGPU build imports besides. */
export interface GpuImports {
  gpu_limits(limits: number): void;
  gpu_buffer(size: bigint): number;
  gpu_release(buffer: number): void;
  gpu_write(buffer: number, offset: bigint, source: number, length: number): void;
  gpu_pipeline(key: number, length: number): number;
  gpu_group(pipeline: number, bindings: number, count: number): number;
  gpu_release_group(group: number): void;
  gpu_submit(dispatches: number, count: number, repeats: number, reads: number, readCount: number): number;
  gpu_poll(submit: number, destination: number): number;
  gpu_drop(submit: number): void;
}

export const gpuImportNames = [
  'gpu_limits',
  'gpu_buffer',
  'gpu_release',
  'gpu_write',
  'gpu_pipeline',
  'gpu_group',
  'gpu_release_group',
  'gpu_submit',
  'gpu_poll',
  'gpu_drop',
] as const satisfies readonly (keyof GpuImports)[];
