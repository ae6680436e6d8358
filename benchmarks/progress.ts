/** How far a long step is, on standard error: a bar that redraws on a terminal, one plain line per step elsewhere. */
export interface Progress {
  update(done: number, total?: number, about?: string): void;
  /** Ends the step and says how long it took, in seconds. */
  end(): number;
}

const WIDTH = 24;
/** Milliseconds between two drawings. */
const PACE = 100;

export function progress(label: string, out: NodeJS.WriteStream = process.stderr): Progress {
  const started = performance.now();
  const terminal = out.isTTY;
  let drawn = -Infinity;
  return {
    update(done, total, about = "") {
      const now = performance.now();
      if (!terminal || now - drawn < PACE) return;
      drawn = now;
      const share = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
      const bar = "#".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, ".");
      const of = total === undefined ? "" : `/${total}`;
      out.write(`\r[${bar}] ${label} ${done}${of}${about === "" ? "" : ` (${about})`}\x1b[K`);
    },
    end() {
      const seconds = (performance.now() - started) / 1000;
      out.write(`${terminal ? "\r" : ""}${label}: ${seconds.toFixed(1)} s${terminal ? "\x1b[K" : ""}\n`);
      return seconds;
    },
  };
}
