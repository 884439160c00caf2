// The package's own types declare again, and differently, what TypeScript's `dom` library has.
export function create(flags: readonly string[]): GPU;
