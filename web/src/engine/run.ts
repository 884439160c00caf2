import { Pace, turnMs } from '../host/pace.js';
import type { Model } from '../host/model.js';
import type { Session, StepEvent, TokenPiece } from '../host/session.js';
import { applyFilters } from './filter.js';
import type { LogitFilter } from './filter.js';
import type { Outcome } from './protocol.js';

// Long enough that the calls cost nothing beside the work, short enough that a page, or a message, need not wait.
const stepBudgetMs = 10;

/** What the caller lets a run do. */
export class RunControl {
  #pieces = 0;
  #cancelled = false;
  #wake: (() => void) | undefined;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** So many more pieces are wanted. */
  grant(pieces: number): void {
    this.#pieces += pieces;
    this.#wake?.();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wake?.();
  }

  take(): void {
    this.#pieces -= 1;
  }

  /** Resolves when another piece is wanted, or none any more. */
  async allowed(): Promise<void> {
    while (this.#pieces <= 0 && !this.#cancelled) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/**
 * Does the work that a session has begun, and hands out every token's piece. The filters are those that its options
 * asked for. Between steps of about 10 ms the event
 * loop runs.
 */
export async function run(
  model: Model,
  session: Session,
  control: RunControl,
  filters: readonly LogitFilter[],
  emit: (piece: TokenPiece) => void,
): Promise<Outcome> {
  const pace = new Pace(turnMs);
  let [prefillMs, decodeMs, begun] = [0, 0, false];
  for (;;) {
    await pace.keep();
    await control.allowed();
    if (control.cancelled) {
      session.cancel();
      break;
    }
    const begin = performance.now();
    let event = session.step(stepBudgetMs);
    if (event === 'waiting') await model.core.gpu?.settled();
    if (event === 'filter') event = await stepFiltered(model, session, filters, control);
    const ms = performance.now() - begin;
    if (begun) decodeMs += ms;
    else prefillMs += ms;
    if (event !== 'token' && event !== 'done') continue;
    const piece = session.piece();
    if (event === 'token') {
      begun = true;
      control.take();
      for (const filter of filters) filter.accept(piece.token);
    }
    if (event === 'token' || piece.text !== '') emit(piece);
    if (event === 'done') break;
  }
  return outcomeOf(session, prefillMs, decodeMs);
}

// A session whose row cannot be edited must not be left in the midst of its work.
async function stepFiltered(
  model: Model,
  session: Session,
  filters: readonly LogitFilter[],
  control: RunControl,
): Promise<StepEvent> {
  try {
    await applyFilters(session, filters, () => control.cancelled);
  } catch (error) {
    if (model.core.isOpen) session.cancel();
    throw error;
  }
  return session.step(stepBudgetMs);
}

const finishReasons = ['cancelled', 'stop', 'length', 'context', 'cancelled', 'cancelled'] as const;

function outcomeOf(session: Session, prefillMs: number, decodeMs: number): Outcome {
  const { promptTokens, reusedTokens, generatedTokens, draftedTokens, acceptedTokens, finish } = session.info();
  return {
    finishReason: finishReasons[finish] ?? 'cancelled',
    usage: {
      promptTokens,
      reusedTokens,
      completionTokens: generatedTokens,
      ...(draftedTokens > 0 && { draftedTokens, acceptedTokens }),
    },
    timings: {
      firstTokenMs: generatedTokens > 0 ? prefillMs : 0,
      prefillTokensPerSecond: perSecond(promptTokens - reusedTokens, prefillMs),
      decodeTokensPerSecond: perSecond(generatedTokens - 1, decodeMs),
    },
  };
}

function perSecond(count: number, ms: number): number {
  return count > 0 && ms > 0 ? (count / ms) * 1000 : 0;
}
