import { topRows } from "../top-rows.ts";
import type { Codes } from "./codes.ts";
import { blockRows, pageRows } from "./kernels/kernels.ts";
import { kernelMemory, type KernelMemory } from "./kernels/memory.ts";
import type { Pass } from "./looking.ts";
import { deviationsFor, queryOf } from "./query.ts";
import { scoreBar } from "./score-bar.ts";
import { packedBytes, powerOf, type Segment, segment, segmentRows } from "./segment.ts";
import { blocksAtOnce, type Metric, shapeOf } from "./shape.ts";
import { slots } from "./slots.ts";
import type { VectorRows } from "./rows.ts";

/** Blocks between two breaks of a search: well under a millisecond with WebAssembly, a few without. */
const blocksToBreak = 256;

/**
 * Rows that pass a filter are scored without looking at their codes while they are at most so many, or this share: the
 * upper nibbles of one take about as long as the codes of a dozen, and of those that pass some are scored as well.
 */
const fewRows = 3000;
const fewShare = 0.12;

/** Beyond this share of unused slots the last rows are moved into them. */
const holesAllowed = 0.1;

const wordsOfPage = pageRows / 32;
const blocksOfPage = pageRows / blockRows;
/** Before there is a bar every row is scored, so the first blocks are looked at by ever more. */
const firstBlocks = 2;

/**
 * Vectors as codes of one bit a dimension that are all scanned, a byte that the promising ones are ranked by, and 16
 * bits that decide among the best: there is nothing to build or to train, and a filter is a mask on the scan.
 */
export function coded(options: {
  readonly dimensions: number;
  readonly metric: Metric;
  readonly memoryOf?: (bytes: number) => KernelMemory;
}): VectorRows {
  const { metric, dimensions, memoryOf = kernelMemory } = options;
  const shape = shapeOf(dimensions, metric);
  const held = slots();
  const segments: Codes["segments"] = [];
  const written: Codes["written"] = [];

  const segmentOf = (slot: number): Segment => segments[Math.floor(slot / segmentRows)] as Segment;

  const resize = (): void => {
    const needed = Math.ceil(held.end / segmentRows);
    while (segments.length < needed) {
      segments.push(segment(shape, memoryOf));
      written.push({ since: 0, of: 0 });
    }
    segments.length = needed;
    written.length = needed;
    for (const [index, one] of segments.entries()) one.resize(Math.min(segmentRows, held.end - index * segmentRows));
  };

  /** As often as a segment has doubled, and when it is full: rows that came by and by are seldom alike throughout. */
  const noteWrite = (slot: number): void => {
    const index = Math.floor(slot / segmentRows);
    const counted = written[index] as { since: number; of: number };
    counted.since++;
    if (counted.since < Math.max(counted.of, 128)) return;
    const first = index * segmentRows;
    const mine = held.slotsBetween(first, Math.min(first + segmentRows, held.end)).map((used) => used - first);
    (segments[index] as Segment).centreOn(mine);
    written[index] = { since: 0, of: mine.length };
  };

  const packed = (slot: number): Uint8Array<ArrayBuffer> => segmentOf(slot).packed(slot % segmentRows);
  const write = (row: number, to: (one: Segment, slot: number) => void): void => {
    const slot = held.take(row);
    if (slot >= segments.reduce((sum, one) => sum + one.pages, 0) * pageRows) resize();
    to(segmentOf(slot), slot % segmentRows);
    noteWrite(slot);
  };
  const compact = (): void => {
    if (held.end - held.size <= Math.max(pageRows, held.end * holesAllowed)) return;
    held.compact((from, to) => segmentOf(to).unpack(to % segmentRows, packed(from)));
    resize();
  };

  return {
    get size() {
      return held.size;
    },
    get bytes() {
      return segments.reduce((sum, one) => sum + one.bytes, held.bytes);
    },
    rows: () => held.rows(),
    set: (row, vector) => write(row, (one, slot) => one.write(slot, vector)),
    delete(row) {
      if (!held.free(row)) return false;
      compact();
      return true;
    },
    vectorOf(row) {
      const slot = held.slotOf(row);
      return slot === undefined ? undefined : segmentOf(slot).read(slot % segmentRows);
    },
    unpack(row, bytes) {
      if (bytes.length !== packedBytes(shape)) return false;
      write(row, (one, slot) => one.unpack(slot, bytes));
      return true;
    },
    *search(vector, { limit, allowed, precedes }) {
      const first = segments[0];
      const best = topRows(limit, precedes);
      if (first === undefined || limit < 1) return best.take();
      let most = 0;
      for (let i = 0; i < dimensions; i++) most = Math.max(most, Math.abs(vector[i] as number));
      const scale = powerOf(most);
      const wanted = held.mask(allowed);
      const among = Math.min(held.size, allowed?.size ?? held.size);
      // As many as are wanted reach it for certain, as far as high bytes tell.
      const certain = scoreBar(Math.min(limit, among));
      const slotsFound: number[] = [];
      const bounds: number[] = [];
      const few = Math.max(fewRows, held.end * fewShare);
      const direct = among <= few;
      const query = queryOf(shape, first.rotated(vector, scale), scale, deviationsFor(among, allowed !== undefined));
      const turns = segments.map((one, index) => {
        const start = (index * segmentRows) / 32;
        const mask = wanted.subarray(start, start + one.pages * wordsOfPage);
        const plan = direct ? undefined : one.plan(query);
        const pass: Pass = { query, plan, mask, early: new Set() };
        return { one, pass, slot: index * segmentRows };
      });
      let blocks = direct ? blocksAtOnce : firstBlocks;
      for (const others of direct ? [false] : [false, true]) {
        for (const { one, pass, slot } of turns) {
          const end = one.pages * blocksOfPage;
          for (let from = 0; from < end; from += blocks) {
            if (from > 0) blocks = Math.min(from, blocksAtOnce);
            if (from % blocksToBreak === 0) yield;
            const count = one.look(pass, [from, Math.min(from + blocks, end)], certain.height, others);
            const { rows, ranks, errors } = one.found;
            for (let i = 0; i < count; i++) {
              const rank = ranks[i] as number;
              const error = errors[i] as number;
              certain.offer(rank - error);
              if (rank + error < certain.height) continue;
              slotsFound.push(slot + (rows[i] as number));
              bounds.push(rank + error);
            }
          }
        }
      }
      for (const { one, pass } of turns) one.leave(pass);
      for (const [index, slot] of slotsFound.entries()) {
        if ((bounds[index] as number) < certain.height) continue;
        best.offer(held.rowOf(slot), segmentOf(slot).judged(slot % segmentRows, query));
      }
      return best.take();
    },
    codes: () => ({ shape, slots: held, segments, written, make: (saved) => segment(shape, memoryOf, saved) }),
  };
}
