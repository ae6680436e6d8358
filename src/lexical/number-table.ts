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
  let keys = new Uint32Array(8).fill(EMPTY);
  let values = new Uint32Array(8);
  let size = 0;

  /** Where the key is, or the empty place where it would go. */
  const placeOf = (key: number): number => {
    const mask = keys.length - 1;
    let place = homeOf(key, mask);
    while (keys[place] !== key && keys[place] !== EMPTY) place = (place + 1) & mask;
    return place;
  };

  const grow = (): void => {
    const [oldKeys, oldValues] = [keys, values];
    keys = new Uint32Array(oldKeys.length * 2).fill(EMPTY);
    values = new Uint32Array(oldKeys.length * 2);
    for (let i = 0; i < oldKeys.length; i++) {
      const key = oldKeys[i] ?? EMPTY;
      if (key === EMPTY) continue;
      const place = placeOf(key);
      keys[place] = key;
      values[place] = oldValues[i] ?? 0;
    }
  };

  return {
    get size() {
      return size;
    },
    get(key) {
      const place = placeOf(key);
      return keys[place] === EMPTY ? -1 : (values[place] ?? -1);
    },
    set(key, value) {
      let place = placeOf(key);
      if (keys[place] === EMPTY) {
        if (++size * 4 > keys.length * 3) {
          grow();
          place = placeOf(key);
        }
        keys[place] = key;
      }
      values[place] = value;
    },
    delete(key) {
      let hole = placeOf(key);
      if (keys[hole] === EMPTY) return false;
      const mask = keys.length - 1;
      // Moves back whatever the hole would cut off from its home (Knuth, vol. 3, 6.4, algorithm R).
      for (let next = (hole + 1) & mask; keys[next] !== EMPTY; next = (next + 1) & mask) {
        const moved = keys[next] ?? EMPTY;
        if (((next - homeOf(moved, mask)) & mask) < ((next - hole) & mask)) continue;
        keys[hole] = moved;
        values[hole] = values[next] ?? 0;
        hole = next;
      }
      keys[hole] = EMPTY;
      size--;
      return true;
    },
  };
}

/** Fibonacci hashing: rows come in sequence, and term ids are spread already. */
function homeOf(key: number, mask: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
}
