import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** A process among all that may share a disk. */
export interface RunningProcess {
  /** The machine since it was started, and the namespace that counts its processes: only there a number means anything. */
  readonly place: string;
  readonly pid: number;
  /** When it started, as the system counts; "" where that cannot be known. Numbers are given again. */
  readonly started: string;
}

export async function thisProcess(): Promise<RunningProcess> {
  return { place: await thisPlace(), pid: process.pid, started: await startOf(process.pid) };
}

/** undefined: it cannot be told from here. */
export async function isRunning({ place, pid, started }: RunningProcess): Promise<boolean | undefined> {
  if (place !== (await thisPlace())) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, for someone else.
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  // Numbers are given again: without a start it may be another one.
  return started === "" ? undefined : (await startOf(pid)) === started;
}

async function thisPlace(): Promise<string> {
  try {
    const [boot, namespace] = await Promise.all([
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readlink("/proc/self/ns/pid"),
    ]);
    return `${boot.trim()} ${namespace}`;
  } catch {
    return hostname();
  }
}

async function startOf(pid: number): Promise<string> {
  try {
    const line = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold anything; the state is the first field after it, the start the 20th.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    // One that was killed and that nobody has waited for.
    return fields[0] === "Z" ? "over" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
