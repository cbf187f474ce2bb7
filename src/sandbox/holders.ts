import { randomUUID } from "node:crypto";
import type { Price } from "../units/price.js";
import type { Engine } from "./engine/engine.js";
import type { Keyring } from "./rest/auth.js";
import type { HolderRecord } from "./state/past.js";
import type { AccountRef } from "./types.js";
import { Random } from "./world/random.js";

type Holder = HolderRecord["holder"];

/** Who holds the accounts of a sandbox, and the keys that open them. */
export interface Holders {
  /** Every one, the first first. */
  readonly all: readonly Holder[];
  /** Opens an account for a public key; `past`: one that has traded before. @throws KalshiError `KEY_UNREADABLE` */
  open(publicKey: string, balance: Price, past: boolean): AccountRef;
  /** Takes in one who held an account before, without its money. To be called before any is opened. */
  restore(holder: Holder): void;
}

export interface HoldersContext {
  readonly seed: string;
  readonly engine: Engine;
  readonly keyring: Keyring;
  /** Smallest step of balances. */
  readonly precision?: Price | undefined;
}

export function createHolders({ seed, engine, keyring, precision }: HoldersContext): Holders {
  const users = new Random(`${seed}/users`);
  const all: Holder[] = [];
  return {
    all,
    open(publicKey, balance, past) {
      // Who holds an account belongs to the world; the name of the key that opens it does not.
      const account = { userId: users.uuid(), keyId: randomUUID() };
      keyring.add(account, publicKey);
      all.push({ ...account, publicKey });
      return engine.addAccount({ ...account, balance, past, precision });
    },
    restore(holder) {
      // Its name was drawn then, and is not to be drawn again.
      if (!all.some(({ userId }) => userId === holder.userId)) users.uuid();
      if (holder.isGone !== true) keyring.add(holder, holder.publicKey, holder.grant);
      all.push(holder);
      engine.addAccount({ ...holder, balance: 0, precision });
    },
  };
}
