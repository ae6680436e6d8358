/** Text as UTF-8. Beyond `length` another 16 bytes can be read: first one that begins no character, then of any value. */
export interface Utf8 {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly length: number;
}

/** Longer texts get a buffer of their own, which is let go. */
const KEPT = 65536;
const PADDING = 16;
/** What reads on to the end of a run stops here. */
const STOP = 0x80;
/** Most of what is counted by itself is a word. */
const SHORT = 24;

/** Encodes into one buffer, overwritten by the next call. A lone surrogate becomes U+FFFD. */
export function utf8Writer(): (text: string) => Utf8 {
  const encoder = new TextEncoder();
  const kept = buffer(KEPT);
  return (text) => {
    const short = text.length <= SHORT ? ascii(text, kept.bytes) : -1;
    if (short >= 0) {
      kept.bytes[short] = STOP;
      return { bytes: kept.bytes, view: kept.view, length: short };
    }
    const most = 3 * text.length + PADDING;
    const { bytes, view } = most <= KEPT ? kept : buffer(most);
    const { written: length } = encoder.encodeInto(text, bytes);
    bytes[length] = STOP;
    return { bytes, view, length };
  };
}

/** Writes the text if it is ASCII, and says how long it is; else -1. The encoder takes longer to be called. */
function ascii(text: string, bytes: Uint8Array): number {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) return -1;
    bytes[at] = unit;
  }
  return text.length;
}

function buffer(size: number): Omit<Utf8, "length"> {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}
