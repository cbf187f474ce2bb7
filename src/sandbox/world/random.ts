/**
 * A stream of pseudo-random numbers that is the same on every machine for the same name (sfc32 seeded by a hash of the text).
 * A world takes everything it makes up from such streams, so that a seed tells all of it.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly #name: string;
  readonly #words: Words;

  constructor(name: string, words: Words = hash(name)) {
    this.#name = name;
    this.#words = words;
    [this.#a, this.#b, this.#c] = words;
    // The first numbers of neighbouring names are alike until the state has been stirred.
    for (let i = 0; i < 12; i += 1) this.next();
  }

  /** An independent stream. It depends on the names alone, never on what was drawn here before. */
  stream(name: string): Random {
    return new Random(`${this.#name}/${name}`);
  }

  /** The same for a number instead of a name, cheap enough for every hour of every market. */
  numbered(n: number): Random {
    const [a, b, c] = this.#words;
    const turned = Math.imul(n + 1, 0x9e3779b1);
    return new Random(`${this.#name}/${n}`, [mix(a ^ turned), mix(b + turned), mix(c ^ Math.imul(turned, 0x85ebca77))]);
  }

  /** 32 random bits. */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    return this.bits() / 4_294_967_296;
  }

  /** A whole number in [from, to), evenly. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length)] as T;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Standard normal. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }

  /** How often something happens that happens `mean` times on average (Poisson; from 40 on by its normal likeness). */
  times(mean: number): number {
    if (mean >= 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let times = 0;
    for (let product = this.next(); product > limit; product *= this.next()) times += 1;
    return times;
  }

  /** A version 4 UUID, of which the first byte may be given. */
  uuid(first?: number): string {
    const drawn = this.bits();
    const a = first === undefined ? drawn : ((first & 0xff) << 24) | (drawn & 0xffffff);
    const b = this.bits();
    const c = this.bits();
    const d = this.bits();
    return (
      `${byte(a >>> 24)}${byte(a >>> 16)}${byte(a >>> 8)}${byte(a)}-${byte(b >>> 24)}${byte(b >>> 16)}` +
      `-${byte(((b >>> 8) & 0x0f) | 0x40)}${byte(b)}-${byte(((c >>> 24) & 0x3f) | 0x80)}${byte(c >>> 16)}` +
      `-${byte(c >>> 8)}${byte(c)}${byte(d >>> 24)}${byte(d >>> 16)}${byte(d >>> 8)}${byte(d)}`
    );
  }
}

type Words = readonly [number, number, number];

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

function byte(value: number): string {
  return HEX[value & 0xff] as string;
}

/** Three 32-bit words from a text, each depending on all of it (FNV-1a with different starts, then mixed). */
function hash(text: string): Words {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  let c = 0x85ebca6b;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca77);
    c = Math.imul(c ^ (code + i), 0xc2b2ae3d);
  }
  return [mix(a), mix(b), mix(c)];
}

function mix(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}
