import { memoryOfMachine } from '#engine-host';
import { ChordError } from '../errors.js';
import type { GpuHost } from '../gpu/host.js';
import type { GpuOptions } from '../gpu/webgpu.js';
import { Constraints } from '../grammar/constraints.js';
import type { FeedOptions } from '../host/loading.js';
import type { Model } from '../host/model.js';
import { engineFeatures } from '../host/modules.js';
import type { Modules } from '../host/modules.js';
import { Session, sessionOptions } from '../host/session.js';
import { compileModules } from '../init.js';
import { loadWith, onDevice } from '../load.js';
import type { ByteSource } from '../sources/source.js';
import { availableBytes, leastContext, planMemory } from './budget.js';
import type { MemoryPlan } from './budget.js';
import { Conversations } from './conversations.js';
import type { EmbedSettings, Embedded } from './embed_options.js';
import { embedAll } from './embed_run.js';
import { factsOf, templateOf } from './facts.js';
import type { LogitFilter } from './filter.js';
import type { LoadSettings, ModelFacts, Outcome, RunSettings, TemplateFacts } from './protocol.js';
import { run } from './run.js';
import type { RunControl } from './run.js';
import { loadSession, saveSession } from './saving.js';
import type { Piece, TokenLogprob } from './types.js';

const decoder = new TextDecoder();

export type OpenSource = () => Promise<ByteSource>;

/** Who is told of the loading. */
export type LoadTalk = FeedOptions & Pick<GpuOptions, 'onCompile'>;

/** A placed model and its conversations, in the thread that computes. */
export class Runtime {
  readonly model: Model;
  /** Of the texts that it generates. */
  readonly constraints: Constraints;
  readonly #contextLength: number;
  readonly #deviceReason: string;
  readonly #template: TemplateFacts;
  /** Of the tokens whose log-probabilities were given out. */
  readonly #tokenBytes = new Map<number, readonly number[]>();
  /** Undefined for a file that holds a vocabulary only. */
  readonly #conversations: Conversations | undefined;

  private constructor(
    model: Model,
    assets: string | undefined,
    deviceReason: string,
    contextLength: number,
    conversations?: Conversations,
  ) {
    this.model = model;
    this.constraints = new Constraints(model, assets);
    this.#deviceReason = deviceReason;
    this.#contextLength = contextLength;
    this.#conversations = conversations;
    this.#template = templateOf(model);
  }

  /** Loads what `open` opens, on the device that the settings ask for. */
  static async load(open: OpenSource, settings: LoadSettings, talk: LoadTalk): Promise<Runtime> {
    const modules = await compileModules(settings);
    return onDevice(settings.device, settings, (gpu, reason) =>
      Runtime.#place(modules, open, settings, talk, gpu, reason),
    );
  }

  static async #place(
    modules: Modules,
    open: OpenSource,
    settings: LoadSettings,
    talk: LoadTalk,
    gpu: GpuHost | undefined,
    reason: string,
  ): Promise<Runtime> {
    const { relaxedSimd, memory64 } = engineFeatures();
    const available = availableBytes(memoryOfMachine(), { wide: relaxedSimd && memory64, gpu: gpu !== undefined });
    let plan: MemoryPlan | undefined;
    const model = await loadWith(
      modules,
      open,
      talk,
      (parsed) => {
        plan = planMemory(parsed, settings, available);
        return sessionOptions(plan.contextLength, settings.kvType, gpu);
      },
      gpu,
    );
    try {
      if (!plan) return new Runtime(model, settings.assets, reason, 0);
      const { first, open: another, contextLength } = openFirst(model, settings, plan.contextLength);
      await gpu?.compiled(talk.onCompile);
      return new Runtime(
        model,
        settings.assets,
        reason,
        contextLength,
        new Conversations(first, another, plan.conversations),
      );
    } catch (error) {
      model.core.discard();
      throw error;
    }
  }

  /** False once an error has ended the model's instance. */
  get isOpen(): boolean {
    return this.model.core.isOpen;
  }

  get facts(): ModelFacts {
    const info = factsOf({
      model: this.model,
      deviceReason: this.#deviceReason,
      contextLength: this.#contextLength,
      conversations: this.#conversations?.most ?? 0,
      sessions: this.#conversations?.sessions ?? [],
    });
    return { info, template: this.#template };
  }

  /**
   * One run at a time. It goes on with the caller's session of that number, or with the conversation that suits the
   * prompt. The filters edit each token's logits in their order.
   */
  async generate(
    prompt: string,
    settings: RunSettings,
    number: number | undefined,
    control: RunControl,
    filters: readonly LogitFilter[],
    emit: (piece: Piece) => void,
  ): Promise<Outcome> {
    const conversations = this.#weighted('generate');
    const tokens = this.model.promptTokens(prompt);
    const conversation = number === undefined ? conversations.take(tokens) : conversations.own(number);
    const { session } = conversation;
    const { ignoreEos, logprobs, topLogprobs, ...values } = settings;
    session.generate(tokens, {
      ...values,
      ignoreEos: ignoreEos ? 1 : 0,
      candidates: topLogprobs,
      filterLogits: filters.length > 0 ? 1 : 0,
    });
    const generated: number[] = [];
    try {
      return await run(this.model, session, control, filters, ({ text, token, logprob }) => {
        if (token >= 0) generated.push(token);
        emit({
          text,
          token,
          ...(logprobs && token >= 0 && { logprob, bytes: this.#bytesOf(token) }),
          ...(topLogprobs > 0 && token >= 0 && { topLogprobs: this.#likeliest(session, topLogprobs) }),
        });
      });
    } finally {
      if (this.isOpen) conversation.keep(tokens, generated);
    }
  }

  /** What the caller's session of that number holds. */
  save(number: number): Promise<Uint8Array<ArrayBuffer>> {
    return saveSession(this.#weighted('save').own(number).session);
  }

  /** Makes the caller's session of that number hold what was saved. */
  async restore(number: number, saved: Uint8Array): Promise<void> {
    const { session } = this.#weighted('load').own(number);
    try {
      await loadSession(session, saved);
    } catch (error) {
      if (this.isOpen) this.release(number);
      throw error;
    }
  }

  /** The session's conversation is for others. */
  release(number: number): void {
    this.#conversations?.release(number);
  }

  /** The embeddings of texts, in their order. */
  async embed(texts: readonly string[], settings: EmbedSettings, signal: AbortSignal): Promise<Embedded> {
    const conversations = this.#weighted('embed');
    return embedAll(this.model, texts, settings, signal, (tokens) => {
      const conversation = conversations.take(tokens);
      return {
        session: conversation.session,
        keep: () => {
          conversation.keep(tokens, []);
        },
      };
    });
  }

  #weighted(what: string): Conversations {
    if (this.#conversations) return this.#conversations;
    throw new ChordError('invalid_model', `the file holds a vocabulary and no weights: it can tokenize, not ${what}`);
  }

  #likeliest(session: Session, count: number): TokenLogprob[] {
    return session.candidates(count).map(({ token, logprob }) => {
      const bytes = this.#bytesOf(token);
      return { token, text: decoder.decode(Uint8Array.from(bytes)), bytes, logprob };
    });
  }

  #bytesOf(token: number): readonly number[] {
    const bytes = this.#tokenBytes.get(token) ?? Array.from(this.model.tokenBytes(token));
    this.#tokenBytes.set(token, bytes);
    return bytes;
  }

  dispose(): void {
    this.model.core.discard();
  }
}

/** Opens a session with so long a context; where nobody asked for it and there is no memory, with a shorter one. */
function openFirst(
  model: Model,
  { contextLength: asked, kvType }: LoadSettings,
  planned: number,
): { first: Session; open: () => Session; contextLength: number } {
  for (let length = planned; ; length = Math.floor(length / 2)) {
    const open = (): Session => new Session(model, sessionOptions(length, kvType, model.core.gpu));
    try {
      return { first: open(), open, contextLength: length };
    } catch (error) {
      const helps = error instanceof ChordError && error.code === 'out_of_memory' && model.core.isOpen;
      if (!helps || asked !== 0 || length < 2 * leastContext) throw error;
    }
  }
}
