const QUOTE = 34;
const BACKSLASH = 92;

/** Letters that stand for themselves in JSON text: ASCII but for the quote, the backslash and what controls. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 32 && byte < 127 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

export function isPlain(byte: number): boolean {
  return plain[byte] === 1;
}

/** Where plain text ends. */
export function plainEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && plain[bytes[at]!] === 1) at += 1;
  return at;
}

/** Plain text as a string. */
export function plainText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

/** Whether one of a word's four bytes is a quote. */
export function hasQuote(word: number): boolean {
  const other = word ^ 0x22222222;
  return ((other - 0x01010101) & ~other & 0x80808080) !== 0;
}
