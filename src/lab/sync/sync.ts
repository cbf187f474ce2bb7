import { closeDays, completeness, isLostOn } from "../../datasets/library/completeness.js";
import { endDrop } from "../../datasets/library/ended-drop.js";
import { libraryKind } from "../../datasets/library/kinds.js";
import {
  readLibrary,
  readState,
  type Subject,
  type SubjectState,
  writeLibrary,
  writeState,
} from "../../datasets/library/library-file.js";
import { lockLibrary } from "../../datasets/library/lock-library.js";
import { marketVolumes } from "../../datasets/library/market-volumes.js";
import { type Amendment, type Merged, mergeRows } from "../../datasets/library/merge-rows.js";
import { libraryFolder } from "../../datasets/library/place.js";
import { settledBefore } from "../../datasets/library/settled-again.js";
import { keptStaging, recover } from "../../datasets/library/staging.js";
import {
  countVanished,
  noneVanished,
  type Reread,
  type VanishedRows,
  vanishedNow,
} from "../../datasets/library/vanished.js";
import { entriesOfFrame } from "../../datasets/write.js";
import { KalshiError } from "../../errors.js";
import { formatTime, MINUTE, parseTime, type Timestamp } from "../../units/time.js";
import { accountNameIn } from "../account-name.js";
import type { Lab } from "../lab.js";
import type { SyncAsk, SyncedSubject, SyncHost, SyncReport } from "./ask-and-report.js";
import { type Asking, fetchRows, forget, forgetUnbegun, leftAsking, type StagedRows } from "./asking.js";
import { isUnanswered, joined, lacksOf, nothingLacks } from "./lacks.js";
import { isSure, missingTrades, nextAsk, oddMarkets } from "./next-ask.js";
import { requireSameAccount } from "./same-account.js";
import { has, inOrder, keyOf, merged, nameOf, subjectsOf } from "./subjects.js";

/**
 * Brings a library up to date. See {@link Lab.sync}.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `CHECKPOINT_MISMATCH` for a library of another exchange or account, `FOLDER_LOCKED`, `INTERRUPTED`,
 * `FILE_UNREADABLE`, `DISK_FULL`, and what the questions throw
 */
export async function syncLibrary(host: SyncHost, ask: SyncAsk): Promise<SyncReport> {
  const library = libraryFolder(ask.library, process.env);
  const lock = await lockLibrary(library, ask);
  try {
    // Before the first question: what an answer does not show yet comes next time.
    const begun = await host.now();
    return await new Sync(host, library, ask).run(subjectsOf(ask, host.seriesOf, begun), begun);
  } finally {
    lock.release();
  }
}

class Sync {
  readonly #host: SyncHost;
  readonly #library: string;
  readonly #ask: SyncAsk;
  #identity = { exchange: "", account: null as string | null };
  /** What the library keeps, by spans as they are now. */
  #kept: readonly Subject[] = [];
  #files = 0;
  readonly #amendments: Amendment[] = [];
  readonly #vanished: SyncReport["vanished"][number][] = [];
  readonly #notes: string[] = [];
  /** What of a subject was done before its turn came: what a stopped sync had left. */
  readonly #before = new Map<string, Merged>();

  constructor(host: SyncHost, library: string, ask: SyncAsk) {
    this.#host = host;
    this.#library = library;
    this.#ask = ask;
  }

  async run(wanted: readonly Subject[] | null, begun: Timestamp): Promise<SyncReport> {
    const started = this.#host.lab.client.usage.requests;
    await endDrop(this.#library);
    const subjects = await this.#open(wanted);
    const left = await this.#left();
    await recover(this.#library, keptStaging(this.#library));
    if (left !== null) this.#before.set(keyOf(left.subject), await this.#bring(left));
    const done: SyncedSubject[] = [];
    for (const subject of inOrder(subjects)) {
      done.push(await this.#sync(subject, begun));
      this.#ask.onSubject?.(done.at(-1)!);
    }
    return {
      library: this.#library,
      exchange: this.#identity.exchange,
      subjects: done,
      amendments: this.#amendments,
      vanished: this.#vanished,
      notes: this.#notes,
      requests: this.#host.lab.client.usage.requests - started,
      files: this.#files,
      resumed: left !== null,
    };
  }

  /**
   * The question that a stopped sync has left. One of own records that another key has asked is put anew: while nothing of its answer is in the
   * library yet, nothing tells that it is this account's.
   */
  async #left(): Promise<Asking | null> {
    const left = leftAsking(this.#library);
    if (left === null || left.subject.series !== null) return left;
    const account = left.account === null ? null : accountNameIn(left.account);
    if (account === this.#identity.account) return left;
    await forget(this.#library);
    return null;
  }

  /** Makes sure that the library is of this exchange and account, and notes what it is to keep. */
  async #open(wanted: readonly Subject[] | null): Promise<readonly Subject[]> {
    this.#identity = await this.#host.identity();
    const { exchange, account } = this.#identity;
    const file = readLibrary(this.#library);
    if (file !== null && file.exchange !== exchange) throw mismatch(this.#library, "exchange", file.exchange, exchange);
    const known = file?.subjects ?? [];
    const subjects =
      wanted === null
        ? known
        : [...known.filter((one) => !has(wanted, one)), ...wanted.map((one) => merged(one, known))];
    for (const one of wanted ?? []) this.#noteLaterStart(one, known);
    if (subjects.length === 0) {
      throw new KalshiError("BAD_ARGUMENT", `${this.#library} has nothing to keep up to date yet`, {
        hint: "name what it is to have: `kalshi-lab sync --series KXHIGHNY`, or --kinds fills,settlements",
      });
    }
    const own = subjects.some(({ series }) => series === null);
    const before = file === null || file.account === null ? null : accountNameIn(file.account);
    const { sameAccount: stated = false, signal } = this.#ask;
    if (own && before !== null && account !== null && before !== account)
      await requireSameAccount(this.#host.lab, this.#library, { stated, signal });
    const series = new Set(subjects.filter((one) => !has(known, one)).flatMap((one) => one.series ?? []));
    // Nothing is kept of what there is not.
    if (series.size > 0) await this.#host.lab.series({ series: [...series], signal: this.#ask.signal });
    // A span that begins earlier than before is asked anew, all of it; what is there already stays once. Before the span itself is noted:
    // whoever is stopped in between asks too much rather than too little.
    for (const one of subjects) {
      const was = known.find((other) => keyOf(other) === keyOf(one));
      if (was !== undefined && was.from !== one.from) await writeState(this.#library, one, { through: null, odd: {} });
    }
    await writeLibrary(this.#library, { exchange, account: own ? (account ?? before) : before, subjects });
    this.#kept = subjects;
    return wanted === null ? subjects : subjects.filter((one) => has(wanted, one));
  }

  /** A start that is later than the one that is kept changes nothing, which is told. */
  #noteLaterStart(wanted: Subject, known: readonly Subject[]): void {
    const was = known.find((one) => keyOf(one) === keyOf(wanted));
    if (was === undefined || wanted.from === null || (was.from !== null && was.from >= wanted.from)) return;
    this.#notes.push(
      `${nameOf(was)} is kept ${was.from === null ? "from the beginning" : `from ${was.from}`} on already, and goes on so: from ${wanted.from} changes nothing. To have less, drop it from the library and sync it anew`,
    );
  }

  async #sync(subject: Subject, begun: Timestamp): Promise<SyncedSubject> {
    const before = this.#before.get(keyOf(subject)) ?? nothing;
    const state = readState(this.#library, subject);
    const ask = await nextAsk(this.#library, subject, state, begun);
    const asking: Asking = { subject, ask: ask ?? {}, begun: formatTime(begun), ...this.#identity };
    const now = ask === null ? nothing : await this.#bring(asking);
    if (ask === null) await this.#advance(asking, state);
    const { through, odd, why = null, lost = null, vanished = noneVanished } = readState(this.#library, subject);
    const lacks = joined(why, lost);
    const isForGood = why !== null && !isUnanswered(why) && isSure(odd);
    return {
      ...subject,
      added: before.added + now.added,
      updated: before.updated + now.updated,
      amended: before.amended + now.amended,
      vanished: countVanished(vanished),
      through,
      complete: lacks === null,
      why: lacks,
      lost: joined(isForGood ? why : null, lost),
    };
  }

  /** Asks a question and brings its rows in. */
  async #bring(asking: Asking): Promise<Merged> {
    if (asking.exchange !== this.#identity.exchange)
      throw mismatch(this.#library, "exchange", asking.exchange, this.#identity.exchange);
    const { onProgress, signal } = this.#ask;
    const rows = await fetchRows(this.#host.lab, this.#library, asking, { onProgress, signal }).catch(async (error) => {
      await forgetUnbegun(this.#library);
      throw error;
    });
    const earlier = await settledEarlier(this.#library, asking, rows);
    if (earlier !== null) {
      await forget(this.#library);
      return await this.#bring(earlier);
    }
    const state = readState(this.#library, asking.subject);
    const tally = await this.#merge(asking, rows, state);
    await this.#advance(asking, state, { ...rows, vanished: tally.vanished });
    await forget(this.#library);
    this.#files += tally.files;
    this.#amendments.push(...tally.amendments);
    const known = new Set(state.vanished?.named.map(({ key }) => key));
    const { kind, series } = asking.subject;
    for (const one of tally.vanished.named) if (!known.has(one.key)) this.#vanished.push({ kind, series, ...one });
    return tally;
  }

  #merge({ subject, ask, begun }: Asking, { path, provenance }: StagedRows, state: SubjectState): Promise<Merged> {
    const { kind, series } = subject;
    const { frame } = libraryKind(kind);
    const { unanswered, lost } = lacksOf(provenance);
    const whyOn = (date: string | null): string | null =>
      [unanswered, ...(lost !== null && isLostOn(date, lost) ? [lost] : [])].filter((one) => one !== null).join("; ") ||
      null;
    return mergeRows({
      library: this.#library,
      signal: this.#ask.signal,
      ...{ kind, series, staged: path },
      origin: (date) => ({
        columns: entriesOfFrame(frame, false),
        query: { kind, ...(subject.period === null ? {} : { period: subject.period }), ...summary(ask) },
        sources: provenance.sources,
        cutoffs: provenance.cutoffs,
        ...completeness({ kind, series, date }, parseTime(begun), whyOn(date), subject),
      }),
      asked: begun,
      reread: unanswered === null ? rereadOf(subject, ask) : undefined,
      finalBefore: state.through === null ? 0 : parseTime(state.through) - MINUTE,
    });
  }

  /** Notes how far a subject has come. */
  async #advance(
    asking: Asking,
    state: SubjectState,
    rows?: StagedRows & { readonly vanished: VanishedRows },
  ): Promise<void> {
    const { subject, begun } = asking;
    const now = this.#kept.find((one) => keyOf(one) === keyOf(subject));
    // A question of before the span began earlier says nothing of what there is to ask now.
    if (now !== undefined && now.from !== subject.from) return;
    const { unanswered, lost } = rows === undefined ? nothingLacks : lacksOf(rows.provenance);
    const volumes = subject.kind === "trades" ? await marketVolumes(this.#library, subject.series!) : [];
    // What was not answered for does not count as asked.
    const isAsked = subject.kind === "trades" && rows !== undefined && unanswered === null;
    const odd = isAsked ? oddMarkets(asking, state, volumes) : state.odd;
    const why = unanswered ?? missingTrades(subject, odd, volumes) ?? undefined;
    // What the exchange did not answer for is asked again.
    const through = unanswered === null ? begun : state.through;
    const before = state.vanished ?? noneVanished;
    const gone =
      rows === undefined || unanswered !== null
        ? before
        : vanishedNow(before, rows.vanished, rereadOf(subject, asking.ask));
    const vanished = countVanished(gone) === 0 ? undefined : gone;
    await writeState(this.#library, subject, { through, odd, why, lost: lost ?? state.lost, vanished });
    if (unanswered === null) await closeDays(this.#library, subject, parseTime(begun));
  }
}

const nothing: Merged = { added: 0, updated: 0, amended: 0, amendments: [], files: 0, vanished: noneVanished };

/** The same question from an earlier time on, where only that tells what has become of a settlement that the library has; else null. */
async function settledEarlier(library: string, asking: Asking, { path }: StagedRows): Promise<Asking | null> {
  const { subject, ask } = asking;
  if (subject.kind !== "settlements" || ask.from === undefined) return null;
  const first = await settledBefore(library, path, parseTime(ask.from));
  return first === null ? null : { ...asking, ask: { ...ask, from: formatTime(first) } };
}

/** What of a subject a question reads, all of it. */
function rereadOf({ period }: Subject, { from, tickers }: Asking["ask"]): Reread {
  return { from: from === undefined ? null : parseTime(from), tickers: tickers ?? null, period };
}

function summary({ tickers, ...ask }: Asking["ask"]): object {
  return tickers === undefined ? ask : { ...ask, markets: tickers.length };
}

function mismatch(library: string, what: string, own: string, asked: string): KalshiError {
  return new KalshiError("CHECKPOINT_MISMATCH", `${library} is of the ${what} ${own}, not of ${asked}`, {
    hint: "name another folder with --library: a library is of one exchange",
    context: { library, own, asked },
  });
}
