// How the speeds of one program stand to those of another that ran in turns with it.
import { spreadOf } from './report.mjs';

/** Of pairs [before, after] of speeds: both spreads, the spread of the pairs' ratios, and the ratio of the best. */
export function ratiosOf(pairs) {
  const [before, after] = [0, 1].map((side) => spreadOf(pairs.map((pair) => pair[side])));
  return { before, after, ratio: spreadOf(pairs.map(([old, now]) => now / old)), best: after.max / before.max };
}

/** What else runs makes single rounds slower and never faster, so the best ones have to say the same as the median. */
export const isSlower = ({ ratio, best }, least) => ratio.median < least && best < least;
