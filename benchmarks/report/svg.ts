/** The little that the plots need of SVG: text that is safe, scales, axes. Colours are the page's variables. */

export const width = 440;

export interface Frame {
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export type Scale = (value: number) => number;

export function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export function linear([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  return (value) => (to === from ? start : start + ((value - from) / (to - from)) * (end - start));
}

export function logarithmic(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const scale = linear([Math.log(domain[0]), Math.log(domain[1])], range);
  return (value) => scale(Math.log(value));
}

/** About `count` round values from `from` to `to`. */
export function ticksOf(from: number, to: number, count: number): readonly number[] {
  if (!(to > from)) return [from];
  const raw = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
}

/** The range of the values, widened to what is round, and to nothing below `floor`. */
export function domainOf(
  values: readonly number[],
  floor: number = Number.NEGATIVE_INFINITY,
): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || Math.abs(high) || 1) * 0.08;
  return [Math.max(floor, low - margin), high + margin];
}

export function text(
  x: number,
  y: number,
  content: string,
  options: { readonly anchor?: "start" | "middle" | "end"; readonly kind?: string; readonly turn?: number } = {},
): string {
  const { anchor = "start", kind = "label", turn } = options;
  const turned = turn === undefined ? "" : ` transform="rotate(${turn} ${at(x)} ${at(y)})"`;
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" class="${kind}"${turned}>${escaped(content)}</text>`;
}

/** A pixel's tenth is as exact as a screen gets. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export interface Axis {
  readonly scale: Scale;
  readonly ticks: readonly number[];
  readonly label: string;
  readonly format?: (value: number) => string;
}

/** Grid, ticks and names with units. */
export function axes(frame: Frame, x: Axis, y: Axis): string {
  const { height, left, right, top, bottom } = frame;
  const base = height - bottom;
  const ofX = x.ticks.map(
    (tick) =>
      `<line x1="${at(x.scale(tick))}" x2="${at(x.scale(tick))}" y1="${base}" y2="${base + 4}" class="axis"/>` +
      text(x.scale(tick), base + 17, (x.format ?? number)(tick), { anchor: "middle", kind: "tick" }),
  );
  const ofY = y.ticks.map(
    (tick) =>
      `<line x1="${left}" x2="${width - right}" y1="${at(y.scale(tick))}" y2="${at(y.scale(tick))}" class="grid"/>` +
      text(left - 6, y.scale(tick) + 4, (y.format ?? number)(tick), { anchor: "end", kind: "tick" }),
  );
  return [
    ...ofY,
    ...ofX,
    `<line x1="${left}" x2="${width - right}" y1="${base}" y2="${base}" class="axis"/>`,
    text((left + width - right) / 2, height - 6, x.label, { anchor: "middle", kind: "name" }),
    text(14, (top + base) / 2, y.label, { anchor: "middle", kind: "name", turn: -90 }),
  ].join("");
}

export function number(value: number): string {
  if (Math.abs(value) >= 1_000) return `${Number((value / 1_000).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

export function share(value: number): string {
  return value.toFixed(3).replace(/^(-?)0\./, "$1.");
}

export function drawing(height: number, about: string, content: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(about)}">${content}</svg>`;
}

/** Labels beside line ends, moved apart so that none covers another. */
export function apart(places: readonly number[], distance: number): readonly number[] {
  const order = [...places.keys()].toSorted((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  let last = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    moved[index] = Math.max(moved[index] ?? 0, last + distance);
    last = moved[index] ?? 0;
  }
  return moved;
}
