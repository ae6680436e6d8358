import { behindPlanes, blockRows, columnBytes, pageRows } from "./kernels/kernels.ts";
import type { Standing, Views } from "./looking.ts";
import { blocksAtOnce, column, type Shape } from "./shape.ts";

/** Fills `into` with the bytes of a page's values from so many behind their beginning. */
export type ReadValues = (from: number, into: Uint8Array) => void;

/**
 * Values that were left where they were saved. A segment has then pages of codes and columns alone, and behind the last one
 * room for what is read of those rows that are looked at: as many pages of one plane as rows are looked at in one call.
 */
export interface UnreadValues {
  /** As `Segment` needs them of all pages. */
  readonly pages: readonly ReadValues[];
  /** Reads a plane, 0 for the upper one, of so many rows, which are named at an address in their order. */
  stand(at: number, count: number, plane: number): Standing;
  /** Reads the three planes of a row. */
  row(slot: number): readonly [upper: number, middle: number, low: number];
}

/** What can leave values where they are, for whoever has bytes that can be read as long as it is wanted. */
export interface Unread {
  /** What a segment has room for besides. */
  windowBytes(shape: Shape): number;
  values(shape: Shape, views: Views, pages: readonly ReadValues[]): UnreadValues;
}

/** Reading so many bytes in vain takes less time than reading twice. */
const vainBytes = 4096;

const windowPages = Math.ceil((blocksAtOnce * blockRows) / pageRows);

/** Of a window's page: units, magnitudes, and a plane of nibbles. */
const windowPageBytes = ({ size }: Shape): number => 2 * columnBytes + (pageRows * size) / 2;

function windowBytes(shape: Shape): number {
  return windowPages * windowPageBytes(shape) + behindPlanes;
}

function values(shape: Shape, views: Views, pages: readonly ReadValues[]): UnreadValues {
  const rowBytes = shape.size / 2;
  const window = shape.pages + pages.length * shape.upper;
  const pageBytes = windowPageBytes(shape);
  const knownUnits = (shape.pages + shape.columns + column.unit * columnBytes) / 4;
  const read = (page: number, from: number, at: number, length: number): void =>
    (pages[page] as ReadValues)(from, views.bytes.subarray(at, at + length));

  return {
    pages,
    stand(at, count, plane) {
      const { words, floats } = views;
      const from = at / 4;
      const first = Math.floor((words[from] as number) / pageRows);
      const units = window - first * pageBytes;
      for (let i = from; i < from + count;) {
        const row = words[i] as number;
        const page = Math.floor(row / pageRows);
        let last = row;
        for (; i < from + count; i++) {
          const next = words[i] as number;
          if (next >= (page + 1) * pageRows || (next - last) * rowBytes > vainBytes) break;
          const copy = (units + page * pageBytes) / 4 + (next % pageRows);
          const known = knownUnits + (page * shape.upper) / 4 + (next % pageRows);
          floats[copy] = floats[known] as number;
          floats[copy + pageRows] = floats[known + pageRows] as number;
          last = next;
        }
        const inPlane = (row % pageRows) * rowBytes;
        const place = units + page * pageBytes + 2 * columnBytes + inPlane;
        read(page, plane * pageRows * rowBytes + inPlane, place, (last - row + 1) * rowBytes);
      }
      return { plane: units + 2 * columnBytes, units, pageBytes };
    },
    row(slot) {
      const page = Math.floor(slot / pageRows);
      const inPlane = (slot % pageRows) * rowBytes;
      const places = [window, window + rowBytes, window + 2 * rowBytes] as const;
      read(page, inPlane, places[0], rowBytes);
      read(page, shape.middle - shape.upper + inPlane, places[1], rowBytes);
      read(page, shape.low - shape.upper + 2 * inPlane, places[2], 2 * rowBytes);
      return places;
    },
  };
}

export const unread: Unread = { windowBytes, values };
