import { missCauses } from "../../src/eval/misses.ts";
import { challengerText } from "../tuning-text.ts";
import type { Cell, Figures } from "./figures.ts";
import {
  apart,
  at,
  axes,
  domainOf,
  drawing,
  linear,
  logarithmic,
  number,
  share,
  text,
  ticksOf,
  width,
  type Frame,
} from "./svg.ts";

/** Each plot with the numbers behind it. */
export interface Plot {
  readonly title: string;
  /** What to see in it, in plain words. */
  readonly about: string;
  readonly drawing: string;
  readonly legend?: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

const frame: Frame = { height: 300, left: 52, right: 66, top: 12, bottom: 44 };

/** Without labels at the right. */
const wide: Frame = { ...frame, right: 14 };

/** With room for signs at the left. */
const signedFrame: Frame = { ...wide, left: 64 };

export function budgetPlot({ curves, score, unit }: Figures): Plot {
  const points = curves.flatMap((curve) => curve.points);
  const budgets = [...new Set(points.map(({ budget }) => budget))].toSorted((a, b) => a - b);
  const x = logarithmic([budgets[0] ?? 1, budgets.at(-1) ?? 2], [frame.left, width - frame.right]);
  const domain = domainOf(
    points.map((point) => point.score),
    0,
  );
  const y = linear(domain, [frame.height - frame.bottom, frame.top]);
  const labels = apart(
    curves.map((curve) => y(curve.points.at(-1)?.score ?? 0)),
    14,
  );
  const lines = curves.map(({ size, points: own }, index) => {
    const path = own.map((point) => `${at(x(point.budget))},${at(y(point.score))}`).join(" ");
    const dots = own.map(
      (point) =>
        `<circle cx="${at(x(point.budget))}" cy="${at(y(point.score))}" r="2.5"><title>${size}: ${share(point.score)} in ${number(point.budget)} ${unit}</title></circle>`,
    );
    const place = labels[index] ?? 0;
    const label =
      `<circle cx="${width - frame.right + 11}" cy="${at(place)}" r="4"/>` +
      text(width - frame.right + 19, place + 4, String(size), { kind: "own" });
    return `<g class="ramp" style="--step:${stepOf(index, curves.length)}"><polyline points="${path}"/>${dots.join("")}${label}</g>`;
  });
  const head = text(width - frame.right + 8, Math.min(...labels) - 12, "size", { kind: "tick" });
  return {
    title: "What fits into the context",
    about: `The share of ${score} inside a context of so many ${unit}, one line for each chunk size. A size is better where its line is higher; lines that cross say that the size depends on the budget.`,
    drawing: drawing(
      frame.height,
      `${score} against the context budget, by chunk size`,
      axes(
        frame,
        { scale: x, ticks: budgets, label: `context budget, ${unit}` },
        { scale: y, ticks: ticksOf(...domain, 5), label: score, format: share },
      ) +
        lines.join("") +
        head,
    ),
    heads: ["size", ...budgets.map(number)],
    rows: curves.map(({ size, points: own }) => [size, ...own.map((point) => share(point.score))]),
  };
}

export function gridPlot({ cells, score }: Figures): Plot {
  const sizes = [...new Set(cells.map(({ size }) => size))];
  const topKs = [...new Set(cells.map(({ topK }) => topK))];
  const [low, high] = [Math.min(...cells.map((cell) => cell.score)), Math.max(...cells.map((cell) => cell.score))];
  const [left, top, gap] = [52, 10, 3];
  const cellWidth = (width - left - 10) / topKs.length;
  const cellHeight = 34;
  const height = top + sizes.length * cellHeight + 44;
  const boxes = cells.map((cell) => {
    const [column, row] = [topKs.indexOf(cell.topK), sizes.indexOf(cell.size)];
    const depth = high === low ? 50 : Math.round(8 + (92 * (cell.score - low)) / (high - low));
    const [x, y] = [left + column * cellWidth, top + row * cellHeight];
    return `<rect x="${at(x)}" y="${at(y)}" width="${at(cellWidth - gap)}" height="${cellHeight - gap}" rx="3" class="heat" style="--depth:${depth}%"><title>size ${cell.size}, topK ${cell.topK}</title></rect>${text(x + (cellWidth - gap) / 2, y + cellHeight / 2 + 3, share(cell.score), { anchor: "middle", kind: depth > 55 ? "value deep" : "value" })}`;
  });
  const heads = topKs.map((topK, column) =>
    text(left + (column + 0.5) * cellWidth - gap / 2, top + sizes.length * cellHeight + 14, String(topK), {
      anchor: "middle",
      kind: "tick",
    }),
  );
  const sides = sizes.map((size, row) =>
    text(left - 6, top + (row + 0.5) * cellHeight + 2, String(size), { anchor: "end", kind: "tick" }),
  );
  return {
    title: "Chunk size and topK",
    about: `The share of ${score} among the first topK hits, whatever their length: larger chunks and more of them always find more, because they hand over more text. The plot of the budget says what that is worth.`,
    drawing: drawing(
      height,
      `${score} by chunk size and topK`,
      boxes.join("") +
        heads.join("") +
        sides.join("") +
        text((left + width) / 2, height - 6, "topK, hits", { anchor: "middle", kind: "name" }) +
        text(14, top + (sizes.length * cellHeight) / 2, "chunk size", {
          anchor: "middle",
          kind: "name",
          turn: -90,
        }),
    ),
    heads: ["size", ...topKs.map(String)],
    rows: sizes.map((size) => [size, ...cells.filter((cell) => cell.size === size).map((cell) => share(cell.score))]),
  };
}

/** Cells that no other one beats in quality, context and time at once. */
function frontOf(cells: readonly Cell[]): readonly Cell[] {
  const beats = (a: Cell, b: Cell): boolean =>
    a.score >= b.score &&
    a.context <= b.context &&
    a.milliseconds <= b.milliseconds &&
    (a.score > b.score || a.context < b.context || a.milliseconds < b.milliseconds);
  return cells.filter((cell) => !cells.some((other) => beats(other, cell))).toSorted((a, b) => a.context - b.context);
}

export function frontPlot({ cells, score, unit }: Figures): Plot {
  const front = frontOf(cells);
  const contexts = cells.map(({ context }) => Math.max(1, context));
  const x = logarithmic([Math.min(...contexts) * 0.9, Math.max(...contexts) * 1.1], [wide.left, width - wide.right]);
  const domain = domainOf(
    cells.map((cell) => cell.score),
    0,
  );
  const y = linear(domain, [frame.height - frame.bottom, frame.top]);
  const times = cells.map(({ milliseconds }) => milliseconds);
  const radius = linear([0, Math.max(...times)], [2.5, 8]);
  const dots = cells.map((cell) => {
    const best = front.includes(cell);
    const about = `size ${cell.size}, topK ${cell.topK}: ${share(cell.score)}, ${number(cell.context)} ${unit}, ${number(cell.milliseconds)} ms`;
    return `<circle cx="${at(x(Math.max(1, cell.context)))}" cy="${at(y(cell.score))}" r="${at(radius(cell.milliseconds))}" class="${best ? "dot best" : "dot"}"><title>${about}</title></circle>`;
  });
  // By quality and context alone: a line through three dimensions would cross itself.
  let highest = -1;
  const edge = front.filter((cell) => cell.score > highest && (highest = cell.score) >= 0);
  const path = edge.map((cell) => `${at(x(Math.max(1, cell.context)))},${at(y(cell.score))}`).join(" ");
  const named = edge.filter((_, index) => index === 0 || index === edge.length - 1 || index === edge.length >> 1);
  const names = named.map((cell, index) =>
    text(
      x(Math.max(1, cell.context)) + (index === 0 ? 8 : -8),
      y(cell.score) + (index === 0 ? 14 : -9),
      `${cell.size} × ${cell.topK}`,
      { anchor: index === 0 ? "start" : "end", kind: "label" },
    ),
  );
  const ticks = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000].filter(
    (tick) => tick >= Math.min(...contexts) && tick <= Math.max(...contexts),
  );
  return {
    title: "Quality, context and time",
    about: `Every chunk size × topK. Up is more ${score}, left is less text to pay for, a smaller circle is a faster search (median ${number(Math.min(...times))} to ${number(Math.max(...times))} ms). Filled circles are those that no other one beats in all three.`,
    drawing: drawing(
      frame.height,
      `${score} against the length of the context, the time of a search as the size of the circle`,
      axes(
        wide,
        { scale: x, ticks, label: `context handed over, mean ${unit}` },
        { scale: y, ticks: ticksOf(...domain, 5), label: score, format: share },
      ) +
        `<polyline points="${path}" class="edge"/>` +
        dots.join("") +
        names.join(""),
    ),
    heads: ["size", "topK", "score", unit, "ms"],
    rows: front.map((cell) => [
      cell.size,
      cell.topK,
      share(cell.score),
      number(cell.context),
      number(cell.milliseconds),
    ]),
  };
}

export function missPlot({ misses, difference, budget, unit }: Figures): Plot {
  const present = missCauses.filter((cause) => misses.some((row) => (row.causes[cause] ?? 0) > 0));
  const [left, top, rowHeight] = [52, 6, 34];
  const height = top + misses.length * rowHeight + 44;
  const totals = misses.map((row) => present.reduce((sum, cause) => sum + (row.causes[cause] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const x = linear([0, most], [left, width - 40]);
  const bars = misses.map((row, index) => {
    let from = 0;
    const y = top + index * rowHeight;
    const parts = present.map((cause) => {
      const count = row.causes[cause] ?? 0;
      const [start, end] = [x(from), x(from + count)];
      from += count;
      if (count === 0) return "";
      const label =
        end - start > 18
          ? text((start + end) / 2, y + 19, String(count), { anchor: "middle", kind: "value light" })
          : "";
      return `<rect x="${at(start)}" y="${y}" width="${at(Math.max(1, end - start - 1))}" height="${rowHeight - 6}" class="cause-${missCauses.indexOf(cause)}"><title>size ${row.size}, ${cause}: ${count}</title></rect>${label}`;
    });
    return (
      parts.join("") +
      text(left - 6, y + 18, String(row.size), { anchor: "end", kind: "tick" }) +
      text(x(from) + 5, y + 18, String(totals[index] ?? 0), { kind: "tick" })
    );
  });
  const base = top + misses.length * rowHeight;
  const ticks = ticksOf(0, most, 5).filter(Number.isInteger);
  const marks = ticks.map((tick) => text(x(tick), base + 14, String(tick), { anchor: "middle", kind: "tick" }));
  return {
    title: "Why queries missed",
    about: `Of ${difference.queries.length} queries, those whose answer is not whole in a context of ${number(budget)} ${unit}, by the step at which it was lost, for each chunk size.`,
    legend: present
      .map((cause) => `<li><span class="key cause-${missCauses.indexOf(cause)}"></span>${cause}</li>`)
      .join(""),
    drawing: drawing(
      height,
      "Causes of misses by chunk size",
      bars.join("") +
        marks.join("") +
        text((left + width - 40) / 2, height - 6, "queries", { anchor: "middle", kind: "name" }) +
        text(14, top + (misses.length * rowHeight) / 2, "chunk size", {
          anchor: "middle",
          kind: "name",
          turn: -90,
        }),
    ),
    heads: ["size", ...present],
    rows: misses.map((row) => [row.size, ...present.map((cause) => row.causes[cause] ?? 0)]),
  };
}

export function differencePlot({ difference, score }: Figures): Plot {
  const sorted = difference.queries
    .filter((query) => query.difference !== 0)
    .toSorted((a, b) => b.difference - a.difference);
  const values = sorted.map((query) => query.difference);
  const reach = Math.max(0.1, ...values.map(Math.abs));
  const x = linear([0, Math.max(1, sorted.length)], [signedFrame.left, width - signedFrame.right]);
  const y = linear([-reach, reach], [signedFrame.height - signedFrame.bottom, signedFrame.top]);
  const bars = sorted.map((query, index) => {
    const [start, end] = [Math.min(y(0), y(query.difference)), Math.max(y(0), y(query.difference))];
    return `<rect x="${at(x(index))}" y="${at(start)}" width="${at(Math.max(0.4, x(1) - x(0) - 0.3))}" height="${at(end - start)}" class="${query.difference < 0 ? "worse" : "better"}"/>`;
  });
  const better = values.filter((value) => value > 0).length;
  const worse = values.filter((value) => value < 0).length;
  const [from, to] = difference.interval;
  return {
    title: `Query by query: size ${difference.size} against ${difference.standard}`,
    about: `Each bar is a query: ${better} find more with ${difference.size}, ${worse} find less, ${difference.queries.length - better - worse} the same and have no bar. Mean ${signed(difference.mean)}, 95 % interval ${signed(from)} to ${signed(to)}, p ${difference.p.toFixed(3)}. A mean that few queries carry is not worth a change.`,
    drawing: drawing(
      signedFrame.height,
      "Differences of every query, sorted",
      axes(
        signedFrame,
        {
          scale: x,
          ticks: ticksOf(0, sorted.length, 4).filter(Number.isInteger),
          label: "queries that differ, sorted",
        },
        { scale: y, ticks: ticksOf(-reach, reach, 4), label: `difference in ${score}`, format: share },
      ) +
        bars.join("") +
        `<line x1="${signedFrame.left}" x2="${width - signedFrame.right}" y1="${at(y(0))}" y2="${at(y(0))}" class="axis"/>`,
    ),
    heads: ["query", "difference"],
    rows: [...sorted.slice(0, 10), ...sorted.slice(-10)].map((query) => [query.id, signed(query.difference)]),
  };
}

export function pathPlot({ tuning }: Figures): Plot {
  const { rungs } = tuning;
  const x = linear([0, Math.max(1, rungs.length - 1)], [frame.left + 14, width - wide.right - 14]);
  const most = Math.max(...rungs.map((rung) => rung.combinations));
  const y = logarithmic([1, Math.max(2, most)], [frame.height - frame.bottom - 30, frame.top + 14]);
  const path = rungs.map((rung, index) => `${at(x(index))},${at(y(Math.max(1, rung.combinations)))}`).join(" ");
  const dots = rungs.map(
    (rung, index) =>
      `<circle cx="${at(x(index))}" cy="${at(y(Math.max(1, rung.combinations)))}" r="4" class="dot best"/>` +
      text(x(index), y(Math.max(1, rung.combinations)) - 9, String(rung.combinations), {
        anchor: "middle",
        kind: "own",
      }) +
      text(x(index), frame.height - frame.bottom - 8, share(rung.best), { anchor: "middle", kind: "tick" }),
  );
  const ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].filter((tick) => tick <= Math.max(2, most));
  const { chosen, challenger, moved, evaluations, grid } = tuning;
  const outcome = moved
    ? `It moved to size ${chosen.size}, overlap ${chosen.overlap}, topK ${chosen.topK}, which gained ${signed(challenger.apparent)} on the queries that chose it and ${signed(challenger.heldOut)} on others: what is between is luck.`
    : `It stayed with the default of ${chosen.size}. ${challengerText(tuning)}`;
  return {
    title: "The way of the tuner",
    about: `Combinations that were still in the race after so many queries, and at the foot the best mean at that point: queries on which combinations differ come first, easy ones last. ${number(evaluations)} of ${number(grid)} readings of a full grid were needed. ${outcome}`,
    drawing: drawing(
      frame.height,
      "Combinations left by queries read",
      axes(
        wide,
        {
          scale: x,
          ticks: rungs.map((_, index) => index),
          label: "queries read",
          format: (index) => String(rungs[index]?.queries ?? ""),
        },
        { scale: y, ticks, label: "combinations left", format: String },
      ) +
        `<polyline points="${path}" class="edge"/>` +
        dots.join(""),
    ),
    heads: ["queries", "combinations", "best mean"],
    rows: rungs.map((rung) => [rung.queries, rung.combinations, share(rung.best)]),
  };
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${share(Math.abs(value))}`;
}

/** Where a line stands in the ramp of colours. */
function stepOf(index: number, count: number): string {
  return `${Math.round(40 + (60 * index) / Math.max(1, count - 1))}%`;
}
