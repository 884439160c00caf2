// Products of one row.
import { capped, matvec } from '../gpu_reference.mjs';
import { decodeFiles, dot8Files, float, floatsOf, planes, weightsOf } from './common.mjs';
import { dotsKey, tokenBytes } from './bytes.mjs';

/** x · w of `rows` rows; `serial`: by the kernel for adapters that compute on the CPU. */
export function matvecCase(type, columns, rows, { serial = false, bias = false, residual = false, seed = 1 } = {}) {
  const weights = planes(type, columns * rows, seed);
  const x = [2, 'floats', seed + 2, columns];
  const first = 3; // the part begins at this row of the whole
  const biases = [4, 'floats', seed + 3, rows + first];
  const residuals = [5, 'floats', seed + 4, rows + first];
  const lanes = Math.min(32, Math.max(4, 2 ** Math.floor(Math.log2(columns / 32))));
  const expected = matvec(weightsOf(type, weights, columns * rows), floatsOf(x), rows).map(
    (sum, i) => sum + (bias ? floatsOf(biases)[first + i] : 0) + (residual ? floatsOf(residuals)[first + i] : 0),
  );
  const kernel = serial ? 'matvec_serial' : `matvec LANES=${lanes}u ROWS_EACH=2u`;
  return {
    name: `${kernel.split(' ')[0]} of ${type}`,
    key: `${decodeFiles(type)} ${bias ? 'bias' : 'no_bias'} ${residual ? 'residual' : 'no_residual'} shape COLUMNS=${columns}u ${kernel}`,
    groups: [Math.ceil(rows / (serial ? 64 : (256 / lanes) * 2)), 1, 1],
    inputs: [
      ...weights,
      x,
      ...(bias ? [biases] : []),
      ...(residual ? [residuals] : []),
      [6, 'words', [rows, first, rows + first, 0]],
    ],
    output: [3, rows + first + 8],
    first,
    expected,
  };
}

/** x · w of one token's bytes. The integers are exact. */
export function dot8Case(type, columns, rows, { normed = false, cap = 0, seed = 1 } = {}) {
  const weights = planes(type, columns * rows, seed);
  const x = tokenBytes(columns, seed + 2);
  return {
    name: `matvec_dot8 of ${type}`,
    key: `${dot8Files(type)} no_bias ${cap > 0 ? `cap CAP=${float(cap)} capped` : 'no_residual'} shape token_bytes matvec_dot8 ${dotsKey(columns, 2, normed)}`,
    groups: [Math.ceil(rows / 16), 1, 1],
    inputs: [...weights, ...x.inputs, [6, 'words', [rows, 0, rows, 0]]],
    output: [3, rows + 8],
    first: 0,
    expected: matvec(weightsOf(type, weights, columns * rows), x.values, rows).map((sum) =>
      capped(sum * (normed ? x.factor : 1), cap),
    ),
  };
}
