import { DAY, HOUR, type Timestamp } from "../../units/time.js";
import type { Account } from "../engine/accounts.js";
import { Random } from "../world/random.js";

/** Money that came or went, in cents. */
export interface Movement {
  readonly id: string;
  readonly type: "ach" | "wire" | "debit";
  readonly amount: number;
  readonly fee: number;
  readonly created: Timestamp;
  /** When it was decided, and how. Until then it is pending. */
  readonly finalized: Timestamp;
  readonly outcome: "applied" | "failed" | "returned";
}

/** Deposits and withdrawals of one account. */
export interface Movements {
  readonly deposits: readonly Movement[];
  readonly withdrawals: readonly Movement[];
}

const CENT = 1_000_000n;
const DEBIT_FEE = 2;

/**
 * What brought an account the money it began with: for one with a past three deposits and a withdrawal from before its first order,
 * which come to that money, and one deposit more that fails within the day; for any other a single deposit.
 */
export function movementsOf(seed: string, account: Account): Movements {
  const cents = Number(account.opening / CENT);
  const random = new Random(`${seed}/movements/${account.userId}`);
  const first = [...account.orders.values()].reduce((time, { created }) => Math.min(time, created), account.opened);
  const make = (
    amount: number,
    type: Movement["type"],
    created: Timestamp,
    over: Partial<Movement> = {},
  ): Movement => ({
    id: random.uuid(),
    type,
    amount,
    fee: type === "debit" ? Math.floor((amount * DEBIT_FEE) / 100) : 0,
    created,
    finalized: created + (type === "wire" ? HOUR : type === "debit" ? 0 : 2 * DAY),
    outcome: "applied",
    ...over,
  });
  if (first === account.opened) {
    const only = make(cents, "wire", account.opened - HOUR);
    return { deposits: cents === 0 ? [] : [only], withdrawals: [] };
  }
  const debit = make(Math.floor(cents / 5), "debit", first - 6 * DAY);
  const ach = make(Math.floor(cents / 4), "ach", first - 20 * DAY);
  const back = make(Math.floor(cents / 10), "ach", first - 4 * DAY);
  const wire = make(cents - (debit.amount - debit.fee) - ach.amount + back.amount, "wire", first - 3 * DAY);
  const failing = make(5_000, "ach", account.opened - DAY, { finalized: account.opened + HOUR, outcome: "failed" });
  return { deposits: [failing, wire, debit, ach], withdrawals: [back] };
}
