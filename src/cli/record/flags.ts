import { KalshiError } from "../../errors.js";

const SPANS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Readonly<Record<string, number>> = { kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, kb: 1e3, mb: 1e6, gb: 1e9 };

/** Reads `64MiB` or `500MB` as bytes. @throws KalshiError `BAD_ARGUMENT` */
export function readSize(text: string): number {
  const parts = /^(\d+(?:\.\d+)?) ?([kmg]i?b)$/i.exec(text);
  const size = parts === null ? 0 : Number(parts[1]) * SIZES[parts[2]!.toLowerCase()]!;
  if (size >= 1) return size;
  throw new KalshiError("BAD_ARGUMENT", `not a size: ${JSON.stringify(text)}`, {
    hint: 'write "64MiB" or "500MB"',
    context: { text },
  });
}

/** Reads `90s` or `2h` as milliseconds. @throws KalshiError `BAD_ARGUMENT` */
export function readSpan(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (parts !== null) return Number(parts[1]) * SPANS[parts[2]!]!;
  throw new KalshiError("BAD_ARGUMENT", `not a span: ${JSON.stringify(text)}`, {
    hint: 'write "90s", "10m" or "2h"',
    context: { text },
  });
}

/** Reads a span that is longer than nothing. @throws KalshiError `BAD_ARGUMENT` */
export function readSomeSpan(text: string, why: string): number {
  const ms = readSpan(text);
  if (ms > 0) return ms;
  throw new KalshiError("BAD_ARGUMENT", why, { hint: 'write "10m" or "1h"', context: { text } });
}

/** Reads a port; 0 is any free one. @throws KalshiError `BAD_ARGUMENT` */
export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new KalshiError("BAD_ARGUMENT", `not a port: ${JSON.stringify(text)}`, {
    hint: "write a number up to 65535, or 0 for any free port",
    context: { text },
  });
}

/** The longest that a timer of Node's can be. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls after a span of any length, unless it is cancelled before. */
export function after(spanMs: number, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : call()), Math.min(left, LONGEST_MS));
  };
  wait(spanMs);
  return () => clearTimeout(timer);
}
