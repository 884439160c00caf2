// Written by tools/generate_abi.mjs from include/chord.h, src/abi/wasm/host.h and src/webgpu/host.h. Do not edit.
// Addresses and size_t are numbers (wasm32; what wasm hands out is signed: >>> 0), 64-bit integers are bigints.

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
export function readRequest(view: DataView, address: number): Request {
  return {
    offset: view.getBigUint64(address, true),
    length: view.getBigUint64(address + 8, true),
    address: view.getBigUint64(address + 16, true),
    plane: view.getUint32(address + 24, true),
    file: view.getUint32(address + 28, true),
  };
}
export function writeRequest(view: DataView, address: number, value: Request): void {
  view.setBigUint64(address, value.offset, true);
  view.setBigUint64(address + 8, value.length, true);
  view.setBigUint64(address + 16, value.address, true);
  view.setUint32(address + 24, value.plane, true);
  view.setUint32(address + 28, value.file, true);
}

export interface PlaceOptions {
  kernels: number;
  threads: number;
}
export const placeOptionsSize = 12;
export function readPlaceOptions(view: DataView, address: number): PlaceOptions {
  return {
    kernels: view.getUint32(address, true),
    threads: view.getUint32(address + 4, true),
  };
}
export function writePlaceOptions(view: DataView, address: number, value: PlaceOptions): void {
  view.setUint32(address, value.kernels, true);
  view.setUint32(address + 4, value.threads, true);
}

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
export function readModelInfo(view: DataView, address: number): ModelInfo {
  return {
    vocabSize: view.getUint32(address, true),
    contextLength: view.getUint32(address + 4, true),
    embeddingLength: view.getUint32(address + 8, true),
    blockCount: view.getUint32(address + 12, true),
    feedForwardLength: view.getUint32(address + 16, true),
    headCount: view.getUint32(address + 20, true),
    headCountKv: view.getUint32(address + 24, true),
    tensorCount: view.getUint32(address + 28, true),
    parameterCount: view.getBigUint64(address + 32, true),
    weightBytes: view.getBigUint64(address + 40, true),
    bosToken: view.getInt32(address + 48, true),
    eosToken: view.getInt32(address + 52, true),
    addBos: view.getUint32(address + 56, true),
    vocabOnly: view.getUint32(address + 60, true),
    addEos: view.getUint32(address + 64, true),
    pooling: view.getUint32(address + 68, true),
    encoder: view.getUint32(address + 72, true),
  };
}
export function writeModelInfo(view: DataView, address: number, value: ModelInfo): void {
  view.setUint32(address, value.vocabSize, true);
  view.setUint32(address + 4, value.contextLength, true);
  view.setUint32(address + 8, value.embeddingLength, true);
  view.setUint32(address + 12, value.blockCount, true);
  view.setUint32(address + 16, value.feedForwardLength, true);
  view.setUint32(address + 20, value.headCount, true);
  view.setUint32(address + 24, value.headCountKv, true);
  view.setUint32(address + 28, value.tensorCount, true);
  view.setBigUint64(address + 32, value.parameterCount, true);
  view.setBigUint64(address + 40, value.weightBytes, true);
  view.setInt32(address + 48, value.bosToken, true);
  view.setInt32(address + 52, value.eosToken, true);
  view.setUint32(address + 56, value.addBos, true);
  view.setUint32(address + 60, value.vocabOnly, true);
  view.setUint32(address + 64, value.addEos, true);
  view.setUint32(address + 68, value.pooling, true);
  view.setUint32(address + 72, value.encoder, true);
}

export interface Tensor {
  name: number;
  typeName: number;
  dims: [bigint, bigint, bigint, bigint];
  offset: bigint;
  bytes: bigint;
  dimensionCount: number;
}
export const tensorSize = 64;
export function readTensor(view: DataView, address: number): Tensor {
  return {
    name: view.getUint32(address, true),
    typeName: view.getUint32(address + 4, true),
    dims: [view.getBigUint64(address + 8, true), view.getBigUint64(address + 16, true), view.getBigUint64(address + 24, true), view.getBigUint64(address + 32, true)],
    offset: view.getBigUint64(address + 40, true),
    bytes: view.getBigUint64(address + 48, true),
    dimensionCount: view.getUint32(address + 56, true),
  };
}
export function writeTensor(view: DataView, address: number, value: Tensor): void {
  view.setUint32(address, value.name, true);
  view.setUint32(address + 4, value.typeName, true);
  view.setBigUint64(address + 8, value.dims[0], true);
  view.setBigUint64(address + 16, value.dims[1], true);
  view.setBigUint64(address + 24, value.dims[2], true);
  view.setBigUint64(address + 32, value.dims[3], true);
  view.setBigUint64(address + 40, value.offset, true);
  view.setBigUint64(address + 48, value.bytes, true);
  view.setUint32(address + 56, value.dimensionCount, true);
}

export interface SessionOptions {
  contextLength: number;
  batchLength: number;
  kvType: number;
  overflow: number;
  keep: number;
}
export const sessionOptionsSize = 20;
export function readSessionOptions(view: DataView, address: number): SessionOptions {
  return {
    contextLength: view.getUint32(address, true),
    batchLength: view.getUint32(address + 4, true),
    kvType: view.getUint32(address + 8, true),
    overflow: view.getUint32(address + 12, true),
    keep: view.getUint32(address + 16, true),
  };
}
export function writeSessionOptions(view: DataView, address: number, value: SessionOptions): void {
  view.setUint32(address, value.contextLength, true);
  view.setUint32(address + 4, value.batchLength, true);
  view.setUint32(address + 8, value.kvType, true);
  view.setUint32(address + 12, value.overflow, true);
  view.setUint32(address + 16, value.keep, true);
}

export interface Memory {
  weights: bigint;
  kvCache: bigint;
  scratch: bigint;
}
export const memorySize = 24;
export function readMemory(view: DataView, address: number): Memory {
  return {
    weights: view.getBigUint64(address, true),
    kvCache: view.getBigUint64(address + 8, true),
    scratch: view.getBigUint64(address + 16, true),
  };
}
export function writeMemory(view: DataView, address: number, value: Memory): void {
  view.setBigUint64(address, value.weights, true);
  view.setBigUint64(address + 8, value.kvCache, true);
  view.setBigUint64(address + 16, value.scratch, true);
}

export interface LogitBias {
  token: number;
  bias: number;
}
export const logitBiasSize = 8;
export function readLogitBias(view: DataView, address: number): LogitBias {
  return {
    token: view.getInt32(address, true),
    bias: view.getFloat32(address + 4, true),
  };
}
export function writeLogitBias(view: DataView, address: number, value: LogitBias): void {
  view.setInt32(address, value.token, true);
  view.setFloat32(address + 4, value.bias, true);
}

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
export function readGenerationOptions(view: DataView, address: number): GenerationOptions {
  return {
    seed: view.getBigUint64(address, true),
    maxTokens: view.getUint32(address + 8, true),
    topK: view.getUint32(address + 12, true),
    temperature: view.getFloat32(address + 16, true),
    topP: view.getFloat32(address + 20, true),
    minP: view.getFloat32(address + 24, true),
    repetitionPenalty: view.getFloat32(address + 28, true),
    frequencyPenalty: view.getFloat32(address + 32, true),
    presencePenalty: view.getFloat32(address + 36, true),
    penaltyWindow: view.getUint32(address + 40, true),
    ignoreEos: view.getUint32(address + 44, true),
    specialText: view.getUint32(address + 48, true),
    stopCount: view.getUint32(address + 52, true),
    stops: view.getUint32(address + 56, true),
    stopTokens: view.getUint32(address + 60, true),
    stopTokenCount: view.getUint32(address + 64, true),
    logitBiasCount: view.getUint32(address + 68, true),
    logitBiases: view.getUint32(address + 72, true),
    candidates: view.getUint32(address + 76, true),
    draftTokens: view.getUint32(address + 80, true),
    filterLogits: view.getUint32(address + 84, true),
  };
}
export function writeGenerationOptions(view: DataView, address: number, value: GenerationOptions): void {
  view.setBigUint64(address, value.seed, true);
  view.setUint32(address + 8, value.maxTokens, true);
  view.setUint32(address + 12, value.topK, true);
  view.setFloat32(address + 16, value.temperature, true);
  view.setFloat32(address + 20, value.topP, true);
  view.setFloat32(address + 24, value.minP, true);
  view.setFloat32(address + 28, value.repetitionPenalty, true);
  view.setFloat32(address + 32, value.frequencyPenalty, true);
  view.setFloat32(address + 36, value.presencePenalty, true);
  view.setUint32(address + 40, value.penaltyWindow, true);
  view.setUint32(address + 44, value.ignoreEos, true);
  view.setUint32(address + 48, value.specialText, true);
  view.setUint32(address + 52, value.stopCount, true);
  view.setUint32(address + 56, value.stops, true);
  view.setUint32(address + 60, value.stopTokens, true);
  view.setUint32(address + 64, value.stopTokenCount, true);
  view.setUint32(address + 68, value.logitBiasCount, true);
  view.setUint32(address + 72, value.logitBiases, true);
  view.setUint32(address + 76, value.candidates, true);
  view.setUint32(address + 80, value.draftTokens, true);
  view.setUint32(address + 84, value.filterLogits, true);
}

export interface EmbeddingOptions {
  pooling: number;
  raw: number;
}
export const embeddingOptionsSize = 8;
export function readEmbeddingOptions(view: DataView, address: number): EmbeddingOptions {
  return {
    pooling: view.getUint32(address, true),
    raw: view.getUint32(address + 4, true),
  };
}
export function writeEmbeddingOptions(view: DataView, address: number, value: EmbeddingOptions): void {
  view.setUint32(address, value.pooling, true);
  view.setUint32(address + 4, value.raw, true);
}

export interface Piece {
  text: number;
  length: number;
  token: number;
  logprob: number;
}
export const pieceSize = 20;
export function readPiece(view: DataView, address: number): Piece {
  return {
    text: view.getUint32(address, true),
    length: view.getUint32(address + 4, true),
    token: view.getInt32(address + 8, true),
    logprob: view.getFloat32(address + 12, true),
  };
}
export function writePiece(view: DataView, address: number, value: Piece): void {
  view.setUint32(address, value.text, true);
  view.setUint32(address + 4, value.length, true);
  view.setInt32(address + 8, value.token, true);
  view.setFloat32(address + 12, value.logprob, true);
}

export interface Candidate {
  token: number;
  logprob: number;
}
export const candidateSize = 8;
export function readCandidate(view: DataView, address: number): Candidate {
  return {
    token: view.getInt32(address, true),
    logprob: view.getFloat32(address + 4, true),
  };
}
export function writeCandidate(view: DataView, address: number, value: Candidate): void {
  view.setInt32(address, value.token, true);
  view.setFloat32(address + 4, value.logprob, true);
}

export interface Filter {
  logits: number;
  vocabSize: number;
  generatedTokens: number;
}
export const filterSize = 12;
export function readFilter(view: DataView, address: number): Filter {
  return {
    logits: view.getUint32(address, true),
    vocabSize: view.getUint32(address + 4, true),
    generatedTokens: view.getUint32(address + 8, true),
  };
}
export function writeFilter(view: DataView, address: number, value: Filter): void {
  view.setUint32(address, value.logits, true);
  view.setUint32(address + 4, value.vocabSize, true);
  view.setUint32(address + 8, value.generatedTokens, true);
}

export interface Rows {
  first: bigint;
  count: bigint;
}
export const rowsSize = 16;
export function readRows(view: DataView, address: number): Rows {
  return {
    first: view.getBigUint64(address, true),
    count: view.getBigUint64(address + 8, true),
  };
}
export function writeRows(view: DataView, address: number, value: Rows): void {
  view.setBigUint64(address, value.first, true);
  view.setBigUint64(address + 8, value.count, true);
}

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
export function readSessionInfo(view: DataView, address: number): SessionInfo {
  return {
    contextLength: view.getUint32(address, true),
    contextUsed: view.getUint32(address + 4, true),
    promptTokens: view.getUint32(address + 8, true),
    reusedTokens: view.getUint32(address + 12, true),
    generatedTokens: view.getUint32(address + 16, true),
    draftedTokens: view.getUint32(address + 20, true),
    acceptedTokens: view.getUint32(address + 24, true),
    finish: view.getUint32(address + 28, true),
    prefillMs: view.getFloat64(address + 32, true),
    decodeMs: view.getFloat64(address + 40, true),
    kvBytes: view.getBigUint64(address + 48, true),
    scratchBytes: view.getBigUint64(address + 56, true),
  };
}
export function writeSessionInfo(view: DataView, address: number, value: SessionInfo): void {
  view.setUint32(address, value.contextLength, true);
  view.setUint32(address + 4, value.contextUsed, true);
  view.setUint32(address + 8, value.promptTokens, true);
  view.setUint32(address + 12, value.reusedTokens, true);
  view.setUint32(address + 16, value.generatedTokens, true);
  view.setUint32(address + 20, value.draftedTokens, true);
  view.setUint32(address + 24, value.acceptedTokens, true);
  view.setUint32(address + 28, value.finish, true);
  view.setFloat64(address + 32, value.prefillMs, true);
  view.setFloat64(address + 40, value.decodeMs, true);
  view.setBigUint64(address + 48, value.kvBytes, true);
  view.setBigUint64(address + 56, value.scratchBytes, true);
}

export interface OpenedDataPlane {
  heapBase: bigint;
  size: bigint;
  limit: bigint;
  run: number;
  threads: number;
}
export const openedDataPlaneSize = 32;
export function readOpenedDataPlane(view: DataView, address: number): OpenedDataPlane {
  return {
    heapBase: view.getBigUint64(address, true),
    size: view.getBigUint64(address + 8, true),
    limit: view.getBigUint64(address + 16, true),
    run: view.getUint32(address + 24, true),
    threads: view.getUint32(address + 28, true),
  };
}
export function writeOpenedDataPlane(view: DataView, address: number, value: OpenedDataPlane): void {
  view.setBigUint64(address, value.heapBase, true);
  view.setBigUint64(address + 8, value.size, true);
  view.setBigUint64(address + 16, value.limit, true);
  view.setUint32(address + 24, value.run, true);
  view.setUint32(address + 28, value.threads, true);
}

export interface GpuLimits {
  maxBindingBytes: bigint;
  maxBufferBytes: bigint;
  sharedBytes: number;
  software: number;
  dot8: number;
  matrices: number;
}
export const gpuLimitsSize = 32;
export function readGpuLimits(view: DataView, address: number): GpuLimits {
  return {
    maxBindingBytes: view.getBigUint64(address, true),
    maxBufferBytes: view.getBigUint64(address + 8, true),
    sharedBytes: view.getUint32(address + 16, true),
    software: view.getUint32(address + 20, true),
    dot8: view.getUint32(address + 24, true),
    matrices: view.getUint32(address + 28, true),
  };
}
export function writeGpuLimits(view: DataView, address: number, value: GpuLimits): void {
  view.setBigUint64(address, value.maxBindingBytes, true);
  view.setBigUint64(address + 8, value.maxBufferBytes, true);
  view.setUint32(address + 16, value.sharedBytes, true);
  view.setUint32(address + 20, value.software, true);
  view.setUint32(address + 24, value.dot8, true);
  view.setUint32(address + 28, value.matrices, true);
}

export interface GpuBinding {
  binding: number;
  buffer: number;
  offset: bigint;
  size: bigint;
}
export const gpuBindingSize = 24;
export function readGpuBinding(view: DataView, address: number): GpuBinding {
  return {
    binding: view.getUint32(address, true),
    buffer: view.getUint32(address + 4, true),
    offset: view.getBigUint64(address + 8, true),
    size: view.getBigUint64(address + 16, true),
  };
}
export function writeGpuBinding(view: DataView, address: number, value: GpuBinding): void {
  view.setUint32(address, value.binding, true);
  view.setUint32(address + 4, value.buffer, true);
  view.setBigUint64(address + 8, value.offset, true);
  view.setBigUint64(address + 16, value.size, true);
}

export interface GpuDispatch {
  pipeline: number;
  group: number;
  x: number;
  y: number;
  z: number;
}
export const gpuDispatchSize = 20;
export function readGpuDispatch(view: DataView, address: number): GpuDispatch {
  return {
    pipeline: view.getUint32(address, true),
    group: view.getUint32(address + 4, true),
    x: view.getUint32(address + 8, true),
    y: view.getUint32(address + 12, true),
    z: view.getUint32(address + 16, true),
  };
}
export function writeGpuDispatch(view: DataView, address: number, value: GpuDispatch): void {
  view.setUint32(address, value.pipeline, true);
  view.setUint32(address + 4, value.group, true);
  view.setUint32(address + 8, value.x, true);
  view.setUint32(address + 12, value.y, true);
  view.setUint32(address + 16, value.z, true);
}

export interface GpuRead {
  buffer: number;
  offset: bigint;
  length: bigint;
}
export const gpuReadSize = 24;
export function readGpuRead(view: DataView, address: number): GpuRead {
  return {
    buffer: view.getUint32(address, true),
    offset: view.getBigUint64(address + 8, true),
    length: view.getBigUint64(address + 16, true),
  };
}
export function writeGpuRead(view: DataView, address: number, value: GpuRead): void {
  view.setUint32(address, value.buffer, true);
  view.setBigUint64(address + 8, value.offset, true);
  view.setBigUint64(address + 16, value.length, true);
}

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
