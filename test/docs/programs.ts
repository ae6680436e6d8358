/** TypeScript that a page shows, as a program. */
export interface Program {
  /** `README.md:12`, where it starts. */
  readonly name: string;
  readonly page: string;
  /** As long as the page: what is not code is blank, so that line numbers are those of the page. */
  readonly source: string;
  /** No block of it is marked `ts no-run`. */
  readonly runs: boolean;
}

/**
 * The programs of a page. A block that begins with an import begins a program; any other continues the one above.
 * A block marked `ts` is code that runs, `ts no-run` code that only compiles.
 */
export function programsOf(page: string, markdown: string): readonly Program[] {
  const lines = markdown.split("\n");
  const programs: { start: number; readonly code: string[]; runs: boolean }[] = [];
  let at = 0;
  while (at < lines.length) {
    const [, fence, mark] = /^(`{3,})(.*)$/.exec(lines[at] ?? "") ?? [];
    at += 1;
    if (fence === undefined) continue;
    const start = at;
    while (at < lines.length && lines[at] !== fence) at += 1;
    const block = lines.slice(start, at);
    at += 1;
    if (/^(typescript|tsx|js|jsx|javascript|mjs)\b/.test(mark ?? "")) {
      throw new Error(`${page}:${start}: code is marked ts or "ts no-run", not ${mark}`);
    }
    if (mark !== "ts" && mark !== "ts no-run") continue;
    const continued = /^import\b/.test(block[0] ?? "") ? undefined : programs.at(-1);
    const program = continued ?? { start, code: lines.map(() => ""), runs: true };
    if (continued === undefined) programs.push(program);
    program.code.splice(start, block.length, ...block);
    program.runs &&= mark === "ts";
  }
  return programs.map(({ start, code, runs }) => ({
    name: `${page}:${start + 1}`,
    page,
    source: `${code.join("\n")}\nexport {};\n`,
    runs,
  }));
}
