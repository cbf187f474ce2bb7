import { KalshiError } from "../../errors.js";
import type { Amount } from "../../units/money.js";
import type { Timestamp } from "../../units/time.js";
import type { OrderGroup } from "../engine/order-groups.js";
import type { KeyGrant } from "../rest/api-key.js";
import type { Json } from "../types.js";
import type { Difference } from "./difference.js";
import type { ComboState, MarketState } from "./market-state.js";
import type { MemberChange, MemberState } from "./member-journal.js";
import { fromPlain } from "./plain.js";

/** The first record of a journal: whose world it is, and who may sign. */
export interface HeadRecord {
  readonly format: 1;
  /** What the world is made from. */
  readonly world: Json;
  /** How often a sandbox has begun with this folder. */
  readonly run: number;
}

/** A key that opens an account. */
export interface HolderRecord {
  readonly holder: {
    readonly userId: string;
    readonly keyId: string;
    readonly publicKey: string;
    /** What it may; everything where absent. */
    readonly grant?: KeyGrant | undefined;
    /** It was deleted. The first key of an account is kept all the same, to tell whose the account is. */
    readonly isGone?: boolean | undefined;
  };
}

/** A key that was deleted. */
export interface GoneRecord {
  readonly gone: string;
}

/** Combos that were brought forth, and markets after an operation. */
export interface MarketsRecord {
  readonly combos?: readonly ComboState[];
  readonly markets?: readonly MarketState[];
}

/** What has changed at a moment of the sandbox's clock. */
export interface ChangeRecord {
  readonly now: Timestamp;
  readonly fees?: Json;
  readonly deposited?: Json;
  readonly members?: readonly MemberChange[];
}

/** All that a journal adds up to. */
export interface Past {
  readonly run: number;
  readonly now: Timestamp;
  readonly fees: Amount;
  readonly deposited: Amount;
  readonly holders: readonly HolderRecord["holder"][];
  readonly members: ReadonlyMap<string, MemberState>;
  readonly ranks: ReadonlyMap<string, number>;
  /** By ticker. */
  readonly combos: ReadonlyMap<string, ComboState>;
  readonly markets: ReadonlyMap<string, MarketState>;
}

/**
 * Reads what a journal adds up to.
 *
 * @throws KalshiError `CHECKPOINT_MISMATCH` for that of another world, `CHECKPOINT_DAMAGED` for one without a beginning
 */
export function readPast(dir: string, records: readonly unknown[], world: Json): Past {
  const [head, ...rest] = records as readonly [
    HeadRecord?,
    ...(HolderRecord | GoneRecord | MarketsRecord | ChangeRecord)[],
  ];
  if (head?.format !== 1) {
    throw new KalshiError("CHECKPOINT_DAMAGED", `the state in ${dir} has no beginning that can be read`, {
      hint: "give another folder, or a copy of this one from before",
      context: { dir },
    });
  }
  if (JSON.stringify(head.world) !== JSON.stringify(world)) {
    throw new KalshiError("CHECKPOINT_MISMATCH", `the state in ${dir} belongs to another world`, {
      hint: "start with the seed, clock and data it was begun with, or give an empty folder",
      context: { dir, kept: JSON.stringify(head.world), asked: JSON.stringify(world) },
    });
  }
  const members = new Map<string, MemberState>();
  const ranks = new Map<string, number>();
  const holders: HolderRecord["holder"][] = [];
  const combos = new Map<string, ComboState>();
  const markets = new Map<string, MarketState>();
  let now = 0;
  let fees: Amount = 0n;
  let deposited: Amount = 0n;
  for (const record of rest) {
    if ("holder" in record) {
      holders.push(record.holder);
      continue;
    }
    if ("gone" in record) {
      retire(holders, record.gone);
      continue;
    }
    if (!("now" in record)) {
      for (const combo of record.combos ?? []) combos.set(combo.market.ticker, combo);
      for (const market of record.markets ?? []) markets.set(market.ticker, market);
      continue;
    }
    now = Math.max(now, record.now);
    if (record.fees !== undefined) fees = fromPlain(record.fees) as Amount;
    if (record.deposited !== undefined) deposited = fromPlain(record.deposited) as Amount;
    for (const change of record.members ?? []) take(members, ranks, change);
  }
  return { run: head.run, now, fees, deposited, holders, members, ranks, combos, markets };
}

function retire(holders: HolderRecord["holder"][], keyId: string): void {
  const at = holders.findIndex((holder) => holder.keyId === keyId);
  const holder = holders[at];
  if (holder === undefined) return;
  const isFirst = holders.findIndex(({ userId }) => userId === holder.userId) === at;
  if (isFirst) holders[at] = { ...holder, isGone: true };
  else holders.splice(at, 1);
}

function take(members: Map<string, MemberState>, ranks: Map<string, number>, change: MemberChange): void {
  const state: MemberState = members.get(change.user) ?? {
    user: change.user,
    own: [],
    accounts: new Map(),
    groups: [],
  };
  members.set(change.user, state);
  if (change.own !== undefined) state.own.push(change.own);
  for (const [number, difference] of Object.entries(change.accounts ?? {})) {
    const list: Difference[] = state.accounts.get(Number(number)) ?? [];
    list.push(difference);
    state.accounts.set(Number(number), list);
  }
  if (change.groups !== undefined) {
    state.groups = change.groups.map((group) => ({ ...(fromPlain(group) as OrderGroup), orders: new Set() }));
  }
  for (const [id, rank] of change.ranks ?? []) ranks.set(id, rank);
}
