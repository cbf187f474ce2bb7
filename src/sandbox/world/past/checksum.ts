const MODULUS = 2 ** 48;

/** FNV-1a of a text's character codes: 32 bits. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * A checksum of ids that does not depend on their order: the sum of the 32-bit FNV-1a of each (offset 0x811c9dc5, prime 0x01000193,
 * over the ASCII text), modulo 2^48, as twelve hex digits. An id too many, too few or twice changes it.
 */
export function idChecksum(ids: Iterable<string>): string {
  let sum = 0;
  for (const id of ids) sum = (sum + hashText(id)) % MODULUS;
  return sum.toString(16).padStart(12, "0");
}
