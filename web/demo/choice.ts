import type { ModelSource } from 'wasm-chord';

/** A model that was chosen, and can be loaded again. */
export interface Choice {
  readonly name: string;
  readonly source: ModelSource;
  /** `known`: the bundled one, or one that is kept on the device; `web`: one that is yet to be downloaded. */
  readonly from: 'known' | 'file' | 'web';
}

const choiceKey = 'wasm-chord page: chosen';
const addressKey = 'wasm-chord page: address';

/** For the page after a reload; undefined forgets it. Only what is known can be noted. */
export function noteChoice(choice: Choice | undefined): void {
  try {
    if (choice?.from === 'known' && typeof choice.source === 'string') {
      sessionStorage.setItem(choiceKey, JSON.stringify(choice));
    } else sessionStorage.removeItem(choiceKey);
  } catch {
    // It is chosen again.
  }
}

export function notedChoice(): Choice | undefined {
  try {
    const noted: unknown = JSON.parse(sessionStorage.getItem(choiceKey) ?? 'null');
    if (typeof noted !== 'object' || noted === null || !('name' in noted) || !('source' in noted)) return undefined;
    const { name, source } = noted;
    if (typeof name === 'string' && typeof source === 'string') return { name, source, from: 'known' };
  } catch {
    // As if nothing had been noted.
  }
  return undefined;
}

export function storedAddress(): string {
  try {
    return localStorage.getItem(addressKey) ?? '';
  } catch {
    return '';
  }
}

export function keepAddress(text: string): void {
  try {
    localStorage.setItem(addressKey, text);
  } catch {
    // It is typed again.
  }
}
