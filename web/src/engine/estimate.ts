import { sketchGpu } from '#gpu-sketch';
import { platform } from '#platform';
import { absolute, memoryOfMachine } from '#engine-host';
import { messageOf } from '../errors.js';
import { Core } from '../host/core.js';
import { feed } from '../host/loading.js';
import { Model } from '../host/model.js';
import { checkContextLength, describeModel } from '../model_info.js';
import { openSource } from '../sources/open.js';
import type { ModelSource } from '../sources/source.js';
import { engineFeatures } from '../host/modules.js';
import { availableBytes, bytesOf, planMemory } from './budget.js';
import type { ModelBytes } from './budget.js';
import type { LoadSettings } from './protocol.js';
import type { EngineOptions, Estimate, EstimatedMemory } from './types.js';

// Of a vocabulary of 32,000 tokens a header has less, of one of 150,000 three times as much.
const headerBytes = 2 ** 21;

/** What `estimate` does: the header is read, and parsed by the control module alone. */
export async function estimateModel(source: ModelSource, options: EngineOptions): Promise<Estimate> {
  const { signal, kvType = 'f16', memoryBudget, assets } = options;
  const contextLength = checkContextLength(options.contextLength);
  const control = await platform.compileControl(assets === undefined ? undefined : absolute(assets));
  const { gpu, reason } = await sketchGpu(options);
  const core = new Core({ control }, undefined, gpu);
  try {
    // What is behind the header need not be fetched, and half a file not be kept.
    const look = { connections: 1, requestBytes: headerBytes };
    const opened = await openSource(source, { ...look, ...options, cache: options.cache ?? false });
    try {
      const model = new Model(core, (opened.shards?.[0] ?? opened).size);
      await feed(model, opened, { signal });
      return describe(model, { contextLength, kvType, memoryBudget }, reason);
    } finally {
      await opened.close();
    }
  } finally {
    core.discard();
  }
}

// `reason`: why there is no GPU.
function describe(model: Model, settings: Parameters<typeof planMemory>[1], reason: string): Estimate {
  const { relaxedSimd, memory64 } = engineFeatures();
  const available = availableBytes(memoryOfMachine(), { wide: relaxedSimd && memory64, gpu: false });
  const facts = describeModel(model, undefined, { contextLength: 0, kvElementBytes: 0 }, '');
  const { vocabOnly } = model.info();
  const { contextLength, conversations } =
    vocabOnly === 0 ? planMemory(model, settings, available) : { contextLength: 0, conversations: 0 };
  const memory =
    vocabOnly === 0
      ? withTotal(bytesOf(model, contextLength, settings.kvType))
      : { weights: 0, kvCache: 0, scratch: 0, total: 0 };
  return {
    name: facts.name,
    architecture: facts.architecture,
    quantization: facts.quantization,
    parameters: facts.parameter_count,
    trainedContextLength: facts.max_seq_len,
    contextLength,
    conversations,
    memory,
    gpu: vocabOnly === 0 ? onGpu(model, contextLength, settings.kvType, reason) : { reason },
    available,
    fits: memory.total <= available,
  };
}

function withTotal(bytes: ModelBytes): EstimatedMemory {
  return { ...bytes, total: bytes.weights + bytes.kvCache + bytes.scratch };
}

function onGpu(model: Model, contextLength: number, kvType: LoadSettings['kvType'], reason: string): Estimate['gpu'] {
  const { gpu } = model.core;
  if (!gpu) return { reason };
  try {
    return { memory: withTotal(bytesOf(model, contextLength, kvType, gpu)), reason };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}
