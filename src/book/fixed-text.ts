/**
 * Compares bytes with known text eight at a time, as doubles. Bytes of ASCII never make one that is not a number, an infinity or a zero
 * (the sign and the exponent stand in the last two, which are below 128 and not 0), so equal doubles are equal bytes.
 */
export interface FixedText {
  readonly length: number;
  /** The bytes as doubles, the last of which reaches back so that it ends with the text. */
  readonly words: Float64Array;
  /** Where there are fewer than eight: the first and the last four, or each of fewer than four. */
  readonly parts: Int32Array;
}

/** Text that a view is to be compared with; printable ASCII and line feeds. */
export function fixedText(bytes: Uint8Array): FixedText {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const count = length < 8 ? 0 : Math.ceil(length / 8);
  return {
    length,
    words: Float64Array.from({ length: count }, (_, word) => view.getFloat64(Math.min(word * 8, length - 8), true)),
    parts: length < 4 ? Int32Array.from(bytes) : Int32Array.of(view.getInt32(0, true), view.getInt32(length - 4, true)),
  };
}

/** Whether a text stands at a place; its bytes have to be there. */
export function isAt(view: DataView, at: number, text: FixedText): boolean {
  const { length, words } = text;
  if (length < 8) return isShortAt(view, at, text);
  const last = at + length - 8;
  let word = 0;
  for (let place = at; place < last; place += 8, word += 1) {
    if (view.getFloat64(place, true) !== words[word]) return false;
  }
  return view.getFloat64(last, true) === words[word];
}

function isShortAt(view: DataView, at: number, { length, parts }: FixedText): boolean {
  if (length >= 4) return view.getInt32(at, true) === parts[0] && view.getInt32(at + length - 4, true) === parts[1];
  for (let i = 0; i < length; i += 1) if (view.getUint8(at + i) !== parts[i]) return false;
  return true;
}
