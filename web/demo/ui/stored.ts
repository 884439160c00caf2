// Small things that outlast the page, where the browser lets them: private windows and some settings do not.

/** undefined: nothing is stored, or it is no JSON. */
export function readStored(storage: () => Storage, key: string): unknown {
  try {
    return JSON.parse(storage().getItem(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** undefined removes it. Without storage the page goes on with what it has in memory. */
export function store(storage: () => Storage, key: string, value: unknown): void {
  try {
    if (value === undefined) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // As above.
  }
}

export const visit = (): Storage => sessionStorage;
export const device = (): Storage => localStorage;
