// The report that `chord bench --json` and `wasm-chord bench --json` print: what every one of them must be.

const isText = (value) => typeof value === 'string';
const isName = (value) => isText(value) && value !== '';
const isCount = (value) => Number.isInteger(value) && value > 0;
const isPositive = (value) => typeof value === 'number' && value > 0 && value < Infinity;
const orNull = (is) => (value) => value === null || is(value);

const members = {
  engine: isName,
  kernels: isName,
  threads: isCount,
  model: isText,
  file: isName,
  weight_bytes: isCount,
  decode_bytes: isCount,
  load_ms: isPositive,
  peak_bytes: orNull(isCount),
  bandwidth: orNull(isPositive),
  kv_type: (value) => ['f16', 'f32', 'q8_0'].includes(value),
  kv_bytes: isCount,
  generated_tokens: isCount,
  runs: isCount,
  speeds: (value) => Array.isArray(value) && value.length > 0,
};
const speedMembers = {
  prompt_tokens: isCount,
  prefill: isSpread,
  decode: isSpread,
  bandwidth_share: orNull(isPositive),
};

function isSpread(value) {
  const { median, min, max, ...rest } = value ?? {};
  return [median, min, max].every(isPositive) && min <= median && median <= max && Object.keys(rest).length === 0;
}

function checkMembers(value, expected, where) {
  const names = Object.keys(value ?? {}).sort();
  const known = Object.keys(expected).sort();
  if (names.join() !== known.join()) throw new Error(`${where} has the members ${names}, not ${known}`);
  for (const [name, holds] of Object.entries(expected)) {
    if (!holds(value[name])) throw new Error(`${where}: ${name} is ${JSON.stringify(value[name])}`);
  }
}

/** Throws where `report` is no such report, or its share of the bandwidth does not follow from the rest. */
export function checkReport(report) {
  checkMembers(report, members, 'the report');
  for (const speeds of report.speeds) {
    checkMembers(speeds, speedMembers, 'a member of speeds');
    const { decode, bandwidth_share: share } = speeds;
    const expected = report.bandwidth && (decode.median * report.decode_bytes) / report.bandwidth;
    if (expected === null ? share !== null : Math.abs(share / expected - 1) > 1e-4) {
      throw new Error(`bandwidth_share is ${share}; decode_bytes and bandwidth make it ${expected}`);
    }
  }
  return report;
}

/** Of several runs; `values` is not empty. */
export function spreadOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Rows of texts as lines, the first column to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n');
}
