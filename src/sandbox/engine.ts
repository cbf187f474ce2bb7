import type { Timestamp } from "../units/time.js";
import type { AccountRef, Books, World } from "./types.js";

/** Who holds a key, and what they start with. */
export interface NewAccount {
  readonly userId: string;
  readonly keyId: string;
  /** Money at the start, in micro-dollars. */
  readonly balance: number;
}

/** The trading half of the sandbox: books, orders, accounts, settlement, and the makers that move the live markets. */
export interface Engine extends Books {
  /** Brings everything up to `now` of the world's clock: makers, expiries, closes, settlements. Never goes back. */
  step(now: Timestamp): void;
  /** Steps on a timer of wall time by the world's clock; does not keep the process alive. */
  start(): void;
  stop(): void;
  /** Holds makers, closes and settlements still while orders stay possible; `thaw` goes on from the present. */
  freeze(): void;
  thaw(): void;
  addAccount(account: NewAccount): AccountRef;
}

export interface EngineOptions {
  readonly world: World;
  readonly seed: string;
}

/** An engine over a world. Nothing moves until `step` or `start`. */
export function createEngine(_options: EngineOptions): Engine {
  return {
    book: () => null,
    on: () => () => {},
    step() {},
    start() {},
    stop() {},
    freeze() {},
    thaw() {},
    addAccount: ({ userId, keyId }) => ({ userId, keyId }),
  };
}
