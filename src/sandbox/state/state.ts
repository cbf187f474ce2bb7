import { mkdirSync } from "node:fs";
import { messageOf } from "../../errors.js";
import { type Lock, lockFolder } from "../../store/lock.js";
import type { Order } from "../engine/accounts.js";
import type { Engine } from "../engine/engine.js";
import type { KeyChange } from "../rest/auth.js";
import type { EngineEvent, Json, World } from "../types.js";
import { JournalFile } from "./journal-file.js";
import { comboState, concernedBy, marketState, restoreMarkets } from "./market-state.js";
import { applyMember, type MemberChange, MemberJournal } from "./member-journal.js";
import {
  type ChangeRecord,
  type HeadRecord,
  type HolderRecord,
  type MarketsRecord,
  type Past,
  readPast,
} from "./past.js";
import { toPlain } from "./plain.js";

const HEARTBEAT_MS = 1_000;

/** A folder that keeps what members own, in use by one sandbox. */
export class StateFolder {
  /** What was kept there; null at first. */
  readonly past: Past | null;
  /** Bytes of an unfinished record that a crash left and that were cut off. */
  readonly cutBytes: number;
  readonly #dir: string;
  readonly #world: Json;
  readonly #number: number;
  readonly #lock: Lock;

  /**
   * Takes a folder, makes it where there is none, and reads what it holds. `world` is what the world is made from.
   *
   * @throws KalshiError `FOLDER_LOCKED`, `CHECKPOINT_MISMATCH`, `CHECKPOINT_DAMAGED`, `DISK_FULL`, `WRITE_FAILED`
   */
  constructor(dir: string, world: Json) {
    this.#dir = dir;
    this.#world = world;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#lock = lockFolder(dir);
    try {
      const read = JournalFile.read(dir);
      this.past = read === null ? null : readPast(dir, read.records, world);
      this.#number = read?.number ?? 0;
      this.cutBytes = read?.cutBytes ?? 0;
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Makes markets, and members, whose accounts are open, what the past says. To be called before the engine takes a step. */
  restore(engine: Engine, world: World): void {
    if (this.past === null) return;
    const { members, ranks, fees, deposited, run, combos, markets } = this.past;
    restoreMarkets(world, combos.values(), markets.values());
    const orders: Order[] = [];
    for (const state of members.values()) {
      const member = engine.member(state.user);
      const subaccounts = Math.max(...state.accounts.keys()) + 1;
      while (member.accounts.length < subaccounts) engine.openSubaccount(state.user);
      orders.push(...applyMember(member, state));
    }
    orders.sort((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0));
    const groups = [...members.values()].flatMap((state) => state.groups);
    engine.continueFrom({ orders, groups, fees, deposited, run });
  }

  /** Begins to keep, in a journal of its own in place of the one before. @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  async keep(engine: Engine, world: World, holders: readonly HolderRecord["holder"][]): Promise<StateJournal> {
    const head: HeadRecord = { format: 1, world: this.#world, run: (this.past?.run ?? 0) + 1 };
    const journal = new StateJournal(engine, world, this.#lock);
    const markets: MarketsRecord = { markets: [...(this.past?.markets.values() ?? [])] };
    const first = [head, ...holders.map((holder) => ({ holder })), journal.newCombos() ?? {}, markets, journal.all()];
    await journal.begin(await JournalFile.begin(this.#dir, this.#number + 1, first as unknown as Json[]));
    return journal;
  }

  release(): void {
    this.#lock.release();
  }
}

/**
 * Keeps what members own: after each of their requests, before it is answered, and with each fill, expiry and settlement, before it is
 * told. What is kept survives the end of the process, however that comes; not that of the machine.
 */
export class StateJournal {
  readonly #engine: Engine;
  readonly #world: World;
  readonly #combos = new Set<string>();
  #marketsSeen = 0;
  readonly #lock: Lock;
  readonly #members = new Map<string, MemberJournal>();
  readonly #dirty = new Set<string>();
  #file: JournalFile | null = null;
  #rank = 0;
  #isAwaited = false;
  #silence: () => void = () => undefined;
  #heart: NodeJS.Timeout | undefined;

  constructor(engine: Engine, world: World, lock: Lock) {
    this.#engine = engine;
    this.#world = world;
    this.#lock = lock;
  }

  async begin(file: JournalFile): Promise<void> {
    this.#file = file;
    this.#silence = this.#engine.on((event) => this.#hear(event));
    this.#heart = setInterval(() => this.#quietly(() => this.#append([])), HEARTBEAT_MS).unref();
  }

  /** Keeps what the last request of a member has changed. @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  commit(userId: string): void {
    const combos = this.newCombos();
    if (combos !== null) this.#file?.append(combos as unknown as Json);
    this.#dirty.add(userId);
    this.#commitAll();
  }

  /** Keeps that a key has come or is no more. @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  keyChanged(change: KeyChange): void {
    if (change.type === "removed") {
      this.#file?.append({ gone: change.keyId });
      return;
    }
    const { account, publicKey, grant } = change;
    this.#file?.append({ holder: { ...account, publicKey, grant: { ...grant } } });
  }

  /** Keeps what an operation on a market has made of it, and of those that go with it. @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  marketChanged(ticker: string): void {
    const record: MarketsRecord = { markets: concernedBy(this.#world, ticker).map(marketState) };
    this.#file?.append(record as unknown as Json);
  }

  /** Combos that were brought forth since the last look; null where there are none. */
  newCombos(): MarketsRecord | null {
    const { markets } = this.#world;
    if (markets.size === this.#marketsSeen) return null;
    this.#marketsSeen = markets.size;
    const fresh = [...markets.values()].filter(({ legs, ticker }) => legs !== undefined && !this.#combos.has(ticker));
    for (const { ticker } of fresh) this.#combos.add(ticker);
    const combos = fresh.flatMap((market) => comboState(this.#world, market) ?? []);
    return combos.length === 0 ? null : { combos };
  }

  /** Everything about everybody, as one change. */
  all(): ChangeRecord {
    const users = new Set(
      this.#engine
        .accounts()
        .filter(({ house }) => !house)
        .map(({ userId }) => userId),
    );
    return this.#record([...users].flatMap((user) => this.#changeOf(user) ?? []));
  }

  close(): void {
    clearInterval(this.#heart);
    this.#silence();
    this.#quietly(() => this.#append([]));
    this.#file?.close();
    this.#file = null;
    this.#lock.release();
  }

  /** Frames are sent at the end of a turn: what is entered here at the turn's first event comes before them. */
  #hear(event: EngineEvent): void {
    if ("userId" in event) this.#dirty.add(event.userId);
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    process.nextTick(() => {
      this.#isAwaited = false;
      this.#quietly(() => this.#commitAll());
    });
  }

  #commitAll(): void {
    if (this.#dirty.size === 0) return;
    const users = [...this.#dirty];
    this.#dirty.clear();
    const changes = users.flatMap((user) => this.#changeOf(user) ?? []);
    if (changes.length > 0) this.#append(changes);
  }

  #append(members: readonly MemberChange[]): void {
    this.#file?.append(this.#record(members) as unknown as Json);
  }

  #record(members: readonly MemberChange[]): ChangeRecord {
    const now = this.#world.clock.now();
    if (members.length === 0) return { now };
    const { fees, deposited } = this.#engine.audit();
    return { now, fees: toPlain(fees), deposited: toPlain(deposited), members };
  }

  #changeOf(user: string): MemberChange | null {
    let journal = this.#members.get(user);
    if (journal === undefined) {
      journal = new MemberJournal(this.#engine, this.#engine.member(user), () => {
        this.#rank += 1;
        return this.#rank;
      });
      this.#members.set(user, journal);
    }
    return journal.change();
  }

  #quietly(act: () => void): void {
    try {
      act();
    } catch (error) {
      process.emitWarning(`the state is not kept: ${messageOf(error)}`);
    }
  }
}
