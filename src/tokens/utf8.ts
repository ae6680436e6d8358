/** Text as UTF-8. Beyond `length` another 16 bytes, of any value, can be read. */
export interface Utf8 {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly length: number;
}

/** Longer texts get a buffer of their own, which is let go. */
const KEPT = 65536;
const PADDING = 16;

/** Encodes into one buffer, overwritten by the next call. A lone surrogate becomes U+FFFD. */
export function utf8Writer(): (text: string) => Utf8 {
  const encoder = new TextEncoder();
  const kept = buffer(KEPT);
  return (text) => {
    const most = 3 * text.length + PADDING;
    const { bytes, view } = most <= KEPT ? kept : buffer(most);
    return { bytes, view, length: encoder.encodeInto(text, bytes).written };
  };
}

function buffer(size: number): Omit<Utf8, "length"> {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}
