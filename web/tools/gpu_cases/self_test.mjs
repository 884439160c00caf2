import { dot8Case, matvecCase } from './matvec.mjs';
import {
  embedCase,
  normCase,
  pointwiseCase,
  ropeCase,
  ropeStoreCase,
  selectCase,
  storeCase,
  storeQ8Case,
} from './rows.mjs';
import {
  tokenAddCase,
  tokenAttentionCase,
  tokenBeginCase,
  tokenGateCase,
  tokenPostCase,
  tokenRowsCase,
} from './token.mjs';
import { expandCase, halveCase, matmulCase, matmulDot8Case, matrixCase, quantizeCase } from './matmul.mjs';
import { attentionCase, attentionRowsCase, mergeCase } from './attention.mjs';
import { advanceCase, candidatesCase, chunkCase, penaltiesCase } from './sampling.mjs';
import { types } from './common.mjs';

/** What a device has to pass before it is used. */
export function selfTest() {
  return [
    ...types.map((type, i) => matvecCase(type, 256, 3, { seed: 100 + i })),
    matvecCase('q8_0', 64, 5, { bias: true, residual: true }),
    // What the types have of their own is in matvec of each; and of each number of scales, with and without minimums.
    ...['q4_0', 'q8_0', 'q4_k', 'q6_k', 'q2_k', 'q3_k', 'q5_k'].map((type, i) =>
      dot8Case(type, 256, 5, { seed: 200 + i }),
    ),
    ...['q8_0', 'q2_k', 'q4_k', 'q6_k'].map((type, i) => matmulDot8Case(type, 256, 3, 2, { seed: 300 + i })),
    tokenBeginCase(),
    tokenRowsCase(256, 3),
    tokenPostCase(),
    tokenGateCase('q8_0', 64),
    tokenAddCase('q8_0', 64),
    tokenAddCase('q8_0', 64, { attention: true }),
    tokenAddCase('q8_0', 64, { squares: true }),
    tokenAttentionCase(3),
    matmulCase('q8_0', 64, 3, 2),
    quantizeCase(64, 2, { from: 'from_norm' }),
    expandCase(32, 16),
    halveCase(32, 1),
    matrixCase(64, 40, 70),
    ropeStoreCase(true, 3),
    mergeCase(200),
    embedCase('q6_k', 256, 2, { byPosition: true }),
    normCase(100, 2, { layer: true }),
    ropeCase(true, 5),
    ropeCase(false, 5),
    storeCase('kv_f32'),
    storeQ8Case(),
    selectCase(12),
    attentionCase(9),
    attentionRowsCase(9, 2),
    attentionRowsCase(9, 9, { causal: false, texts: [4, 5], cap: 0.5, sinks: true }),
    pointwiseCase(4, 'gelu', 'gated'),
    penaltiesCase(500, { count: 9 }),
    chunkCase(1500, 3),
    candidatesCase(1500, 3),
    advanceCase(9, { temperature: 0.8, topK: 7, topP: 0.9 }),
  ];
}
