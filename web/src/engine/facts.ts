import type { Model } from '../host/model.js';
import type { Session } from '../host/session.js';
import { describeModel } from '../model_info.js';
import type { ModelFacts, TemplateFacts } from './protocol.js';

const templateKey = 'tokenizer.chat_template';

export interface Placed {
  readonly model: Model;
  readonly deviceReason: string;
  readonly contextLength: number;
  readonly conversations: number;
  readonly sessions: readonly Session[];
}

export function factsOf({ model, deviceReason, contextLength, conversations, sessions }: Placed): ModelFacts['info'] {
  const described = describeModel(model, sessions[0], { contextLength, kvElementBytes: 0 }, deviceReason);
  const { pooling, encoder } = model.info();
  const bytes = sessions.map((session) => session.info());
  const { weights, control, data } = described.memory;
  return {
    name: described.name,
    architecture: described.architecture,
    quantization: described.quantization,
    parameters: described.parameter_count,
    vocabularySize: described.vocab_size,
    embeddingLength: described.hidden_size,
    pooling: (['none', 'mean', 'cls', 'last'] as const)[pooling] ?? 'none',
    generates: encoder === 0,
    trainedContextLength: described.max_seq_len,
    contextLength,
    conversations,
    device: described.device,
    deviceReason,
    variant: described.kernels,
    threads: described.threads,
    memory: {
      weights,
      kvCache: bytes.reduce((sum, { kvBytes }) => sum + Number(kvBytes), 0),
      scratch: bytes.reduce((sum, { scratchBytes }) => sum + Number(scratchBytes), 0),
      control,
      total: control + data,
    },
    hasChatTemplate: model.metadata(templateKey) !== undefined,
    note: described.note,
  };
}

export function templateOf(model: Model): TemplateFacts {
  const { bosToken, eosToken } = model.info();
  const textOf = (token: number): string | undefined => (token < 0 ? undefined : model.detokenize([token], true));
  const named = model
    .metadataKeys()
    .filter((key) => key.startsWith(`${templateKey}.`))
    .map((key) => [key.slice(templateKey.length + 1), model.metadata(key) ?? ''] as const);
  return {
    source: model.metadata(templateKey),
    named: Object.fromEntries(named),
    bosToken: textOf(bosToken),
    eosToken: textOf(eosToken),
  };
}
