// Numbers as people read them.

/** "7.9 MB", in powers of 1000, as file managers and hubs have it. */
export function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** "40 s", "3 min", "1 h 20 min". */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "85 tokens/s". */
export function speed(tokensPerSecond: number): string {
  return `${tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : tokensPerSecond.toFixed(0)} tokens/s`;
}

/** "120 ms", "3.4 s". */
export function milliseconds(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** "7.3 million", "1.1 billion". */
export function parameters(count: number): string {
  return count < 1e9 ? `${(count / 1e6).toPrecision(2)} million` : `${(count / 1e9).toFixed(1)} billion`;
}

/** "1 token", "1,024 tokens". */
export function tokens(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'token' : 'tokens'}`;
}

/** "3.2 MB of 7.9 MB · 1.2 MB/s · 4 s left" */
export function progress(loaded: number, total: number | undefined, bytesPerSecond: number): string {
  const parts = [total === undefined ? bytes(loaded) : `${bytes(loaded)} of ${bytes(total)}`];
  if (bytesPerSecond > 0) {
    parts.push(`${bytes(bytesPerSecond)}/s`);
    if (total !== undefined && total > loaded) parts.push(`${duration((total - loaded) / bytesPerSecond)} left`);
  }
  return parts.join(' · ');
}

/** "8,192 tokens", and of how many where that is less than the model was made for. */
export function context(of: { readonly contextLength: number; readonly trainedContextLength: number }): string {
  const own = tokens(of.contextLength);
  if (of.contextLength >= of.trainedContextLength) return own;
  return `${own} of ${of.trainedContextLength.toLocaleString('en')}`;
}
