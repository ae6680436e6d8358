import { countsOf, settingLines } from "../setting.ts";
import type { Figures } from "./figures.ts";
import { budgetPlot, differencePlot, frontPlot, gridPlot, missPlot, pathPlot, type Plot } from "./plots.ts";
import { escaped, number, share } from "./svg.ts";

/** One file, without a script and without anything from elsewhere. */
export function pageOf(figures: Figures): string {
  const plots = [
    budgetPlot(figures),
    gridPlot(figures),
    frontPlot(figures),
    missPlot(figures),
    differencePlot(figures),
    pathPlot(figures),
  ];
  const { tuning, setting, collection, split, search, seed } = figures;
  const name = setting.data.folder.split(/[\\/]/).findLast((part) => part !== "") ?? "";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>groundline: ${escaped(name)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<header>
<h1>${escaped(name)}</h1>
<p>${escaped(countsOf(collection))}, split ${escaped(split)}; ${escaped(search)}.</p>
</header>
<section class="verdict">
<h2>${tuning.moved ? "Change" : "Keep the default"}</h2>
<p>${verdictOf(figures)}</p>
<pre>${escaped(tuning.chosen.source)}</pre>
${tuning.notes.map((note) => `<p class="note">${escaped(note)}</p>`).join("\n")}
</section>
<main>
${plots.map(figureOf).join("\n")}
</main>
<footer>${escaped(settingLines(setting))}; seed ${seed}. Printed by <code>npm run bench -- report</code>.</footer>
</html>
`;
}

function verdictOf({ tuning, budget, unit, score }: Figures): string {
  const { chosen, moved, heldOutGain, interval, standard } = tuning;
  const what = `size ${chosen.size}, overlap ${chosen.overlap}, topK ${chosen.topK}`;
  const where = tuning.metric.endsWith("@budget") ? `in ${number(budget)} ${unit}` : "by nDCG@10";
  if (!moved)
    return `With ${what} the score (${score}, ${where}) is ${share(standard.score)}; nothing else was shown to be better.`;
  return `To ${what}: ${share(heldOutGain)} more (${interval.map(share).join(" to ")}) ${where} than the default's ${share(standard.score)}, on queries it was not chosen by.`;
}

function figureOf({ title, about, drawing, legend, heads, rows }: Plot): string {
  const cells = (row: readonly (string | number)[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join("")}</tr>`;
  return `<figure>
<figcaption><h2>${escaped(title)}</h2><p>${escaped(about)}</p></figcaption>
${legend === undefined ? "" : `<ul class="legend">${legend}</ul>`}
${drawing}
<details><summary>Numbers</summary><div class="scroll"><table>${cells(heads, "th")}${rows.map((row) => cells(row, "td")).join("")}</table></div></details>
</figure>`;
}

const style = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1b2330; --muted: #5b6675; --line: #dfe4ea; --accent: #1f5fbf; --good: #1f7a5c; --bad: #b5502b; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2028; --ink: #e8edf3; --muted: #9aa7b6; --line: #2c3541; --accent: #6ea8ff; --good: #4fb892; --bad: #e58a63; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, .verdict, main, footer { max-width: 1180px; margin: 0 auto 1rem; }
h1 { margin: 0; font-size: 1.5rem; } h2 { margin: 0 0 .25rem; font-size: 1.05rem; }
p { margin: 0 0 .5rem; } header p, figcaption p, footer, .note { color: var(--muted); font-size: .875rem; }
figure { margin: 0; }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); }
figure, .verdict { padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; min-width: 0; }
.verdict { border-left: 4px solid var(--accent); }
pre { margin: .5rem 0; padding: .5rem .75rem; overflow-x: auto; background: var(--page); border-radius: 6px; font-size: .8125rem; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg .tick { fill: var(--muted); font-size: 11.5px; } svg .name { fill: var(--muted); font-size: 12px; }
.axis { stroke: var(--muted); } .grid { stroke: var(--line); } .value { font-size: 12px; } svg .deep, svg .light { fill: #fff; }
@media (prefers-color-scheme: dark) { svg .deep { fill: #10151b; } }
.ramp { --colour: color-mix(in oklab, var(--accent) var(--step), var(--line)); }
.ramp polyline { fill: none; stroke: var(--colour); stroke-width: 2; } .ramp circle { fill: var(--colour); } svg .own { font-weight: 600; }
.heat { fill: color-mix(in oklab, var(--accent) var(--depth), var(--card)); stroke: var(--line); }
.dot { fill: none; stroke: var(--muted); } .dot.best { fill: var(--accent); fill-opacity: .75; stroke: var(--accent); }
.edge { fill: none; stroke: var(--accent); stroke-width: 1.5; } .better { fill: var(--good); } .worse { fill: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0 0 .5rem; padding: 0; list-style: none; font-size: .8125rem; }
.key { display: inline-block; width: .75rem; height: .75rem; margin-right: .375rem; border-radius: 2px; vertical-align: -1px; }
${["#5b6675", "#8a4fa3", "#b07d12", "#1f5fbf", "#0d7f8c", "#7a3b2e", "#b5502b", "#6c7a1f", "#1f7a5c"].map((colour, index) => `.cause-${index} { fill: ${colour}; background: ${colour}; }`).join(" ")}
@media (max-width: 600px) { svg { font-size: 14px; } svg .tick, svg .name, .value { font-size: 13.5px; } }
details { margin-top: .5rem; font-size: .8125rem; } summary { color: var(--muted); cursor: pointer; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { padding: .125rem .5rem; text-align: right; border-bottom: 1px solid var(--line); }
`;
