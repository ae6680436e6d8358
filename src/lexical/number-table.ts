/** A map of uint32 keys to uint32 values in two typed arrays: a quarter of the memory of a `Map`, and no work for the collector. */
export interface NumberTable {
  readonly size: number;
  /** -1 where there is none. */
  get(key: number): number;
  set(key: number, value: number): void;
  delete(key: number): boolean;
}

/** No key has this value: no row and no term id reaches it. */
const EMPTY = 0xffffffff;

/** Open addressing with linear probing, at most three quarters full. */
export function numberTable(): NumberTable {
  /** Keys at even places, each with its value behind it: both are there for one wait for memory. */
  let slots = emptySlots(0);
  let size = 0;

  /** Where the key is, or the empty place where it would go. */
  const placeOf = (key: number): number => {
    const mask = slots.length - 1;
    let place = homeOf(key, mask);
    while (slots[place] !== key && slots[place] !== EMPTY) place = (place + 2) & mask;
    return place;
  };

  const grow = (): void => {
    const old = slots;
    slots = emptySlots(size);
    for (let i = 0; i < old.length; i += 2) {
      const key = old[i] as number;
      if (key === EMPTY) continue;
      const place = placeOf(key);
      slots[place] = key;
      slots[place + 1] = old[i + 1] as number;
    }
  };

  return {
    get size() {
      return size;
    },
    get(key) {
      const place = placeOf(key);
      return slots[place] === EMPTY ? -1 : (slots[place + 1] as number);
    },
    set(key, value) {
      let place = placeOf(key);
      if (slots[place] === EMPTY) {
        if (++size * 8 > slots.length * 3) {
          grow();
          place = placeOf(key);
        }
        slots[place] = key;
      }
      slots[place + 1] = value;
    },
    delete(key) {
      let hole = placeOf(key);
      if (slots[hole] === EMPTY) return false;
      const mask = slots.length - 1;
      // Moves back whatever the hole would cut off from its home (Knuth, vol. 3, 6.4, algorithm R).
      for (let next = (hole + 2) & mask; slots[next] !== EMPTY; next = (next + 2) & mask) {
        const moved = slots[next] as number;
        if (((next - homeOf(moved, mask)) & mask) < ((next - hole) & mask)) continue;
        slots[hole] = moved;
        slots[hole + 1] = slots[next + 1] as number;
        hole = next;
      }
      slots[hole] = EMPTY;
      size--;
      return true;
    },
  };
}

/** A power of two, of which `size` pairs fill three quarters at most. */
function emptySlots(size: number): Uint32Array {
  return new Uint32Array(Math.max(16, 2 << (31 - Math.clz32((size * 8) / 3)))).fill(EMPTY);
}

/** Fibonacci hashing: rows come in sequence, and term ids are spread already. */
function homeOf(key: number, mask: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 6) & mask & -2;
}
