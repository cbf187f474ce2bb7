import { Random } from "../../src/sandbox/world/random.js";

/** What can happen to a recorder, once each. */
export const faultKinds = [
  "drop",
  "drop answers",
  "drop trades",
  "duplicate",
  "reorder",
  "delay",
  "stall",
  "silence",
  "disconnect",
  "refuse",
  "error 10",
  "error 25",
  "kill recorder",
  "stop recorder",
  "kill sandbox",
  "fill disk",
  "fill disk and kill",
  "clock back",
  "clock forward",
  "close market",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One step of a walk: a fault, how hard it strikes, and how many frames go by before it, so that it strikes anywhere. */
export interface FaultStep {
  readonly kind: FaultKind;
  /** In [0, 1). */
  readonly strength: number;
  readonly framesBefore: number;
}

/** How a walk's recorder is connected. */
export interface FaultWire {
  readonly useYesPrice: boolean;
  /** What the sandbox allows on one connection, a market on three channels being three; null: as many as there are. */
  readonly maxMarkets: number | null;
}

/** Half of the seeds ask for NO levels in YES prices, half need several connections, of two or of three markets each. */
export function faultWire(seed: string): FaultWire {
  const random = new Random(`fault wire ${seed}`);
  return { useYesPrice: random.chance(0.5), maxMarkets: random.chance(0.5) ? random.pick([6, 9]) : null };
}

/**
 * The steps of a seed's walk: every kind once, in an order of its own, and as many again of those that are soon over. A clock that steps
 * forward has stepped back before.
 */
export function faultPlan(seed: string, kinds: readonly FaultKind[] = faultKinds): readonly FaultStep[] {
  const random = new Random(`fault walk ${seed}`);
  const brief = kinds.filter((kind) => !lasting.has(kind));
  const again = Array.from({ length: brief.length >> 1 }, () => random.pick(brief));
  const deck = [...kinds, ...again]
    .map((kind) => ({ kind, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ kind }) => kind);
  const [back, forward] = [deck.indexOf("clock back"), deck.indexOf("clock forward")];
  if (forward >= 0 && forward < back) [deck[back], deck[forward]] = ["clock forward", "clock back"];
  return deck.map((kind) => ({ kind, strength: random.next(), framesBefore: random.integer(1, 120) }));
}

/** Those that take long, or that a walk has room for only once. */
const lasting: ReadonlySet<FaultKind> = new Set([
  "silence",
  "kill sandbox",
  "close market",
  "clock back",
  "clock forward",
  "stop recorder",
  "fill disk and kill",
]);
