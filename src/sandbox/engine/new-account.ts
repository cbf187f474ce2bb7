import { amountOf } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { AccountRef, World } from "../types.js";
import { termsOf } from "../world/fee-schedule.js";
import { Random } from "../world/random.js";
import { addPast } from "./account-history.js";
import { createAccount } from "./accounts.js";
import { HOUSE_USERS } from "./makers/hands.js";
import type { Register } from "./register.js";

/** Who holds a key, and what they start with. */
export interface NewAccount {
  readonly userId: string;
  readonly keyId: string;
  /** Money at the start, in micro-dollars. */
  readonly balance: Price;
  /** The balance's smallest step in micro-dollars: $0.0001, that of direct members, where absent. */
  readonly precision?: Price | undefined;
  /** Whether the account has traded before: see {@link addPast}. Its money is then what that left of the balance. */
  readonly past?: boolean;
}

const HOUSE_CASH = amountOf(1_000_000_000_000_000);

/** Opens the accounts of the makers. */
export function openHouse(register: Register): void {
  for (const userId of HOUSE_USERS) {
    register.open(createAccount({ userId, keyId: "", cash: HOUSE_CASH, house: true }));
  }
}

/** Opens an account, or gives another key to an existing one. */
export function openAccount(register: Register, world: World, seed: string, wanted: NewAccount): AccountRef {
  const { userId, keyId, balance, precision, past = false } = wanted;
  if (register.has(userId)) return { userId, keyId };
  const own = precision === undefined ? {} : { precision };
  const account = createAccount({ userId, keyId, cash: amountOf(balance), house: false, ...own });
  account.opened = world.clock.now();
  if (past) addPast(account, world, (market, at) => termsOf(world, market, at), new Random(`${seed}/past`));
  register.open(account);
  return { userId, keyId };
}
