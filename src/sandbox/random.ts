/** A stream of chance that is the same on every run for the same seed. */
export interface Random {
  /** In [0, 1), 32 bits fine. */
  next(): number;
  /** A whole number in [0, n). */
  int(n: number): number;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** Normally distributed, mean 0, deviation 1. */
  normal(): number;
  /** Exponentially distributed with the given mean. */
  exponential(mean: number): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** A generator for a seed. Different seeds, such as `"7/makers"` and `"7/history"`, give unrelated streams. */
export function createRandom(seed: string): Random {
  const next = sfc32(seed);
  const int = (n: number) => Math.floor(next() * n);
  return {
    next,
    int,
    pick: (list) => {
      if (list.length === 0) throw new RangeError("nothing to pick from");
      return list[int(list.length)]!;
    },
    chance: (probability) => next() < probability,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: (mean) => -mean * Math.log(1 - next()),
    uuid: () => {
      const hex = () =>
        Math.floor(next() * 4294967296)
          .toString(16)
          .padStart(8, "0");
      const [a, b, c, d] = [hex(), hex(), hex(), hex()];
      const variant = "89ab"[Number.parseInt(c[0]!, 16) % 4];
      return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
    },
  };
}

// Chris Doty-Humphrey's sfc32: small, fast, passes PractRand; the seed text is hashed into its three words (FNV-1a).
function sfc32(seed: string): () => number {
  let a = fnv(seed, 0x811c9dc5);
  let b = fnv(seed, 0x9e3779b9);
  let c = fnv(seed, 0x85ebca6b);
  let counter = 1;
  const draw = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let warm = 0; warm < 16; warm += 1) draw();
  return draw;
}

function fnv(text: string, start: number): number {
  let hash = start | 0;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash | 0;
}
