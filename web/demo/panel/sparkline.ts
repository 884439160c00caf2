import { make } from '../ui/dom.js';

const svg = 'http://www.w3.org/2000/svg';
const width = 100;
const height = 32;
// A few values fill a part of it, and not an edge.
const leastPlaces = 12;

export interface Series {
  /** What has its colour: `part-0` … `part-3`. */
  readonly className: string;
  readonly values: readonly number[];
}

/** A small chart of values over time, the newest at the right; several series are stacked. */
export class Sparkline {
  readonly element = make('div', 'sparkline');
  readonly #drawing = document.createElementNS(svg, 'svg');

  constructor() {
    this.#drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#drawing.setAttribute('preserveAspectRatio', 'none');
    this.#drawing.setAttribute('role', 'img');
    this.element.append(this.#drawing);
  }

  /** `label`: what it shows, in words. */
  show(series: readonly Series[], label: string): void {
    const count = Math.max(0, ...series.map(({ values }) => values.length));
    const sums = Array.from({ length: count }, () => 0);
    const tops = series.map(({ values }) => values.map((value, at) => (sums[at] = (sums[at] ?? 0) + value)));
    const highest = Math.max(...sums, Number.MIN_VALUE) * 1.08;
    const paths: SVGElement[] = [];
    for (const [index, { className }] of series.entries()) {
      const line = pointsOf(tops[index] ?? [], highest);
      const base = index === 0 ? [] : pointsOf(tops[index - 1] ?? [], highest).reverse();
      const floor = base.length > 0 ? base : [`${width},${height}`, `${xOf(0, count)},${height}`];
      paths.push(shape('polygon', `area ${className}`, [...line, ...floor]));
      paths.push(shape('polyline', `line ${className}`, line));
    }
    this.#drawing.replaceChildren(...paths);
    this.#drawing.setAttribute('aria-label', label);
  }
}

function pointsOf(values: readonly number[], highest: number): string[] {
  return values.map((value, at) => `${xOf(at, values.length)},${round(height - (value / highest) * height)}`);
}

function xOf(at: number, count: number): number {
  return round(width - ((count - 1 - at) / (Math.max(leastPlaces, count) - 1)) * width);
}

function shape(kind: 'polygon' | 'polyline', className: string, points: readonly string[]): SVGElement {
  const made = document.createElementNS(svg, kind);
  made.setAttribute('class', className);
  made.setAttribute('points', points.join(' '));
  return made;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
