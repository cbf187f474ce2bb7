import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FoundBook } from "../../src/recorder/found-book.js";
import type { Recording } from "../../src/recorder/replay.js";
import { openRecording } from "../../src/recorder/replay.js";
import { listStrands } from "../../src/recorder/strands.js";
import type { Random } from "../../src/sandbox/world/random.js";
import { entryKind } from "../../src/store/segment.js";
import { readSegments } from "../../src/store/segment-reader.js";
import { formatTime, parseTime } from "../../src/units/time.js";
import { type RecorderProcess, recorderProcess } from "../support/recorder-process.js";
import { type SandboxProcess, sandboxProcess } from "../support/sandbox-process.js";
import type { SmallDisk } from "../support/small-disk.js";
import { until } from "../support/wait.js";
import { plainBook, type Span } from "./compare-books.js";
import type { FaultStep, FaultWire } from "./fault-plan.js";
import { FrameLedger } from "./frame-ledger.js";
import { sideOf, textOf } from "./plain-books.js";

export interface FaultStageOptions {
  readonly seed: string;
  /** For all that is kept. */
  readonly dir: string;
  /** Where the recording is kept, so that it can be full. */
  readonly disk: SmallDisk | null;
  readonly wire: FaultWire;
}

const TICKERS = ["35", "45", "50", "55", "70"].map((strike) => `SANDBOX-LIVE-T${strike}`);
/** Deltas a second, so that the recorder always has something to do. */
const FLOW = 30;
const MEMORY_BYTES = 24 * 1024;
const SILENCE_MS = 1_500;
const PATIENCE_MS = 60_000;
/** Refuses every connection until the sandbox's clock is where it was. */
const CLOSED = { rules: [{ fault: "handshake", status: 502, reconnect: false }] };

/** A sandbox and a recorder of it in processes of their own, and what can happen to them. */
export class FaultStage {
  readonly ledger: FrameLedger;
  /** Folder of the recording. */
  readonly out: string;
  readonly #options: FaultStageOptions;
  readonly #clock: string;
  #sandbox!: SandboxProcess;
  #recorder: RecorderProcess | null = null;
  #runs = 0;
  #open = new Set(TICKERS);
  /** On the sandbox's clock: until then books were asked for. */
  #askedUntil = 0;
  #isFrozen = false;

  static async open(options: FaultStageOptions): Promise<FaultStage> {
    const stage = new FaultStage(options);
    try {
      await stage.#startSandbox([]);
      stage.#startRecorder();
      await stage.settle();
    } catch (error) {
      // Nobody else has it to end its processes.
      await stage.close().catch(() => undefined);
      throw error;
    }
    stage.#askedUntil = stage.ledger.lastTime;
    return stage;
  }

  private constructor(options: FaultStageOptions) {
    this.#options = options;
    this.ledger = new FrameLedger(options.wire.useYesPrice);
    this.out = join(options.disk?.folder ?? options.dir, "recording");
    this.#clock = join(options.dir, "clock");
    writeFileSync(this.#clock, "0");
  }

  get met(): Readonly<Record<string, number>> {
    return this.ledger.met;
  }

  /** Ends both. */
  async close(): Promise<void> {
    await this.#recorder?.end("SIGTERM");
    this.#recorder = null;
    await this.#sandbox?.end();
    this.ledger.read();
  }

  /** Lets a fault strike, and returns when it has. */
  async strike({ kind, strength, framesBefore }: FaultStep): Promise<void> {
    await this.#thaw();
    await this.#frames(framesBefore);
    const times = (most: number) => 1 + Math.floor(strength * most);
    const books = { channel: "orderbook_delta", type: "orderbook_delta" };
    switch (kind) {
      case "drop":
        return this.#plan({ ...books, fault: "drop", count: times(6), burst: strength < 0.5 ? 1 : times(6) });
      case "drop answers":
        return this.#plan(
          { ...books, fault: "drop", count: 1 },
          { channel: "orderbook_delta", type: "orderbook_snapshot", fault: "drop", count: times(4) },
        );
      case "drop trades":
        if (strength >= 0.3) return this.#plan({ channel: "ticker", fault: "drop", count: times(2) });
        return this.#planWhile(() => this.#trade(), { channel: "trade", fault: "drop", count: times(2) });
      case "duplicate":
        return this.#plan({ channel: strength < 0.5 ? "*" : "orderbook_delta", fault: "duplicate", count: times(10) });
      case "reorder":
        return this.#plan({ ...books, fault: "reorder", frames: times(5), count: times(3) });
      case "delay":
        return this.#plan({ channel: "*", fault: "delay", from: 1, to: 100, count: times(15) });
      case "stall":
        return this.#plan({ channel: "*", fault: "stall", ms: times(900), pings: strength < 0.5, count: 1 });
      case "silence":
        return this.#reconnected(() =>
          this.#plan({ channel: "*", fault: "stall", ms: 2 * SILENCE_MS, pings: false, count: 1 }),
        );
      case "disconnect":
        return this.#reconnected(() => this.#plan({ channel: "*", fault: "disconnect", count: 1 }));
      case "refuse":
        return this.#reconnected(() =>
          this.#plan({ channel: "*", fault: "disconnect", count: 1 }, { fault: "handshake", count: times(3) }),
        );
      case "error 10":
      case "error 25":
        return this.#plan({ ...books, fault: "error", code: Number(kind.slice(-2)), count: 1 });
      case "kill recorder":
      case "stop recorder":
        return this.#reconnected(() => this.#restartRecorder(kind === "kill recorder" ? "SIGKILL" : "SIGTERM"));
      case "kill sandbox":
        return this.#reconnected(() => this.#killSandbox());
      case "fill disk":
        return this.#fill(strength, async () => undefined);
      case "fill disk and kill":
        return this.#reconnected(() => this.#fill(strength, () => this.#endRecorder("SIGKILL")));
      case "clock back":
        return this.#setClock(-times(1_500));
      case "clock forward":
        return this.#setClock(0);
      case "close market":
        return this.#closeMarket(strength);
    }
  }

  /** Returns when the sandbox stands still, everything that it sent is recorded, and every book is right again. */
  async settle(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      await this.#thaw();
      await this.#frames(15);
      await this.#onEach();
      await this.#freeze();
      const stale = (await this.#catchUp()) ? await this.#stale() : TICKERS;
      if (stale.length === 0) return;
      if (performance.now() > end) {
        throw new Error(`not right again within ${PATIENCE_MS} ms: ${stale.join(", ")}; it said ${this.#said()}`);
      }
    }
  }

  /** Every book as the recorder has it now is the sandbox's own, as its control port tells it. */
  async compareNow(recording: Recording): Promise<void> {
    const { body } = await this.#control("GET", `/books?tickers=${TICKERS.join(",")}`);
    const own = new Map<string, string>();
    for (const { ticker, yes_dollars, no_dollars } of body.books) {
      own.set(ticker, textOf({ yes: sideOf(yes_dollars), no: sideOf(no_dollars) }));
    }
    for (const found of await lastBooks(recording)) {
      const [told, expected] = [textOf(plainBook(found)), own.get(found.ticker) ?? "yes  | no "];
      if (found.trust !== "ok" || told !== expected) {
        throw new Error(`${found.ticker} is ${found.trust} with ${told}, where the sandbox has ${expected}`);
      }
    }
  }

  /** Moments to ask for books at, in µs: around gaps and lost messages, and anywhere; since the last ones, or of all time. */
  moments(random: Random, count: number, spans: readonly Span[], isRecent: boolean): (readonly [string, number])[] {
    const { lost, lastTime } = this.ledger;
    const from = isRecent ? this.#askedUntil : 0;
    this.#askedUntil = lastTime;
    const first = isRecent ? from : this.ledger.firstTime;
    const near = [
      ...lost.map(({ ticker, time }) => [ticker, time] as const),
      ...spans.flatMap(({ ticker, from: begin, to }) =>
        [begin, to, (begin + to) / 2].filter(Number.isFinite).map((time) => [ticker, Math.floor(time)] as const),
      ),
    ].filter(([, time]) => time >= from);
    return Array.from({ length: count }, () => {
      if (near.length === 0 || random.chance(0.4)) {
        return [random.pick(TICKERS), first + Math.floor(random.next() * (lastTime - first + 2_000))] as const;
      }
      const [ticker, time] = random.pick(near);
      return [ticker, time + random.pick([-1_000, -1, 0, 0, 1, 1_000, 3_000, 20_000])] as const;
    });
  }

  #plan(...rules: readonly object[]): Promise<void> {
    return this.#planWhile(async () => undefined, ...rules);
  }

  /** Strikes as the rules say, while `act` brings about what they strike. */
  async #planWhile(act: () => Promise<void>, ...rules: readonly object[]): Promise<void> {
    await this.#control("POST", "/faults", { seed: this.#options.seed, rules });
    const isDone = async (): Promise<boolean> => {
      await act();
      const { faults } = (await this.#control("GET", "/faults")).body as { faults: Struck[] };
      return faults.every(({ injected, rule }) => injected >= rule.count);
    };
    await until(isDone, `the faults ${JSON.stringify(rules)} to strike`, PATIENCE_MS);
    await this.#control("DELETE", "/faults");
  }

  /** Takes a contract of every open market: a world left to itself may be minutes without a trade. */
  async #trade(): Promise<void> {
    for (const ticker of this.#open) {
      await this.#sandbox.member.bid(ticker, { price: "0.9900", time_in_force: "immediate_or_cancel" });
    }
  }

  /** Does something, and waits for another connection. */
  async #reconnected(act: () => Promise<void>): Promise<void> {
    this.ledger.read();
    const before = this.ledger.connections.length;
    await act();
    await until(
      () => {
        this.ledger.read();
        return this.ledger.connections.length > before;
      },
      `another connection; it said ${this.#said()}`,
      PATIENCE_MS,
    );
  }

  async #fill(strength: number, meanwhile: () => Promise<unknown>): Promise<void> {
    const recorder = this.#recorder!;
    const since = recorder.stderr().length;
    const fillers: { release(): void }[] = [];
    await recorder.says(/DISK_FULL/, since, () => {
      // Packing a segment gives space back.
      fillers.push(this.#options.disk!.fill(0));
    });
    const bytes = strength < 0.3 ? 2_000 : 3 * MEMORY_BYTES * strength + MEMORY_BYTES;
    await this.#frames(Math.ceil(bytes / 260));
    const before = this.#recorder;
    await meanwhile();
    for (const filler of fillers) filler.release();
    if (this.#recorder === before) await recorder.says(/all is well again/, since);
    else this.#startRecorder();
  }

  async #setClock(offsetMs: number): Promise<void> {
    writeFileSync(this.#clock, String(offsetMs));
    const { pid } = this.#recorder!;
    const told = `${this.#clock}.${pid}`;
    process.kill(pid, "SIGUSR2");
    await until(() => readFileSync(told, "utf8") === String(offsetMs), "the clock to step");
  }

  async #closeMarket(strength: number): Promise<void> {
    const open = [...this.#open];
    const ticker = open[Math.floor(strength * open.length)]!;
    this.#open.delete(ticker);
    await this.#control("POST", `/markets/${ticker}/close-early`);
  }

  #startRecorder(): void {
    const preload = pathToFileURL(fileURLToPath(new URL("../support/stepping-clock.mjs", import.meta.url))).href;
    const flags = [
      ...["--tickers", TICKERS.join(","), "--out", this.out, "--segment-size", "128KiB"],
      ...["--silence", `${SILENCE_MS}ms`, "--memory", `${MEMORY_BYTES / 1024}KiB`],
      ...(this.#options.wire.useYesPrice ? ["--use-yes-price"] : []),
    ];
    const env = { NODE_OPTIONS: `--import ${preload}`, STEPPING_CLOCK: this.#clock };
    this.#recorder = recorderProcess(this.#sandbox.ready, flags, env);
  }

  async #endRecorder(signal: NodeJS.Signals): Promise<void> {
    const recorder = this.#recorder!;
    this.#recorder = null;
    const code = await recorder.end(signal);
    if (signal === "SIGTERM" && code !== 130) throw new Error(`it ended with ${code}: ${recorder.stderr()}`);
  }

  async #restartRecorder(signal: NodeJS.Signals): Promise<void> {
    await this.#endRecorder(signal);
    this.#startRecorder();
  }

  async #killSandbox(): Promise<void> {
    const { now } = (await this.#control("POST", "/clock")).body as { now: string };
    const begun = performance.now();
    const { port } = new URL(this.#sandbox.ready.rest_url);
    await this.#sandbox.end("SIGKILL");
    const faults = join(this.#options.dir, "closed.json");
    writeFileSync(faults, JSON.stringify(CLOSED));
    await this.#startSandbox(["--port", port, "--faults", faults]);
    const elapsed = (performance.now() - begun) * 1000;
    await this.#control("POST", `/clock?to=${formatTime(Math.floor(parseTime(now) + elapsed))}`);
    await this.#control("DELETE", "/faults");
  }

  async #startSandbox(more: readonly string[]): Promise<void> {
    const { seed, dir, wire } = this.#options;
    this.#runs += 1;
    const log = join(dir, `frames-${this.#runs}.ndjson`);
    const flags = ["--seed", seed, "--state", join(dir, "state"), "--frame-log", log, "--no-weekly-pause"];
    if (wire.maxMarkets !== null) flags.push("--max-markets", String(wire.maxMarkets));
    this.#sandbox = await sandboxProcess([...flags, ...more]);
    this.ledger.follow(log);
    this.#isFrozen = false;
    for (const ticker of this.#open) {
      // Of several connections each has something to do.
      if (ticker.endsWith("0") || wire.maxMarkets !== null)
        await this.#control("POST", `/flow?ticker=${ticker}&per_second=${FLOW}`);
    }
  }

  /** Waits for another delta on each connection that can have one: what was lost last on it shows only by what follows. */
  async #onEach(): Promise<void> {
    const sessions = await this.#sessions();
    this.ledger.read();
    const before = new Map(sessions.map((id) => [id, this.ledger.deltasOn(id).count]));
    await until(
      async () => {
        this.ledger.read();
        // One that has ended meanwhile is not waited for.
        return (await this.#sessions()).every((id) => {
          const { count, tickers } = this.ledger.deltasOn(id);
          return count > (before.get(id) ?? 0) || ![...tickers].some((ticker) => this.#open.has(ticker));
        });
      },
      `a delta on each connection; it said ${this.#said()}`,
      PATIENCE_MS,
    );
  }

  /** Numbers of the connections that the sandbox has open. */
  async #sessions(): Promise<readonly number[]> {
    const { sessions } = (await this.#control("GET", "/overview")).body as { sessions: { id: number }[] };
    return sessions.map(({ id }) => id);
  }

  /** Waits for so many more frames to be sent. */
  async #frames(count: number): Promise<void> {
    this.ledger.read();
    const enough = this.ledger.sent + count;
    await until(
      () => {
        this.ledger.read();
        return this.ledger.sent >= enough;
      },
      `${count} more frames; it said ${this.#said()}`,
      PATIENCE_MS,
    );
  }

  /** Whether the recording comes to end with the last frame sent on each connection, within a while in which nothing else happens. */
  async #catchUp(): Promise<boolean> {
    const end = performance.now() + 2_000;
    while (performance.now() < end) {
      const sessions = await this.#sessions();
      this.ledger.read();
      const sent = sessions.map((id) => this.ledger.lastOn(id));
      const strands = existsSync(this.out) ? await listStrands(this.out) : [];
      const recorded = await Promise.all(strands.map(({ dir }) => lastFrame(dir)));
      if (sent.length > 0 && textsOf(sent) === textsOf(recorded)) return true;
    }
    return false;
  }

  async #stale(): Promise<readonly string[]> {
    const books = await lastBooks(await openRecording(this.out));
    const right = new Set(books.flatMap(({ ticker, trust }) => (trust === "ok" ? [ticker] : [])));
    return TICKERS.filter((ticker) => !right.has(ticker));
  }

  async #freeze(): Promise<void> {
    if (!this.#isFrozen) await this.#control("POST", "/freeze");
    this.#isFrozen = true;
  }

  async #thaw(): Promise<void> {
    if (this.#isFrozen) await this.#control("POST", "/thaw");
    this.#isFrozen = false;
  }

  async #control(method: string, path: string, body?: unknown) {
    const answer = await this.#sandbox.member.control(method, path, body);
    if (answer.status !== 200) throw new Error(`control ${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  #said(): string {
    return JSON.stringify(this.#recorder?.stderr() ?? "nothing");
  }
}

interface Struck {
  readonly injected: number;
  readonly rule: { readonly count: number };
}

/** The books of the last connection of each strand, as it stands. */
async function lastBooks(recording: Recording) {
  const books = await recording.final();
  const strandOf = ({ connection }: FoundBook): number => Math.floor((connection ?? 0) / 1_000_000);
  const last = new Map<number, number>();
  for (const book of books) last.set(strandOf(book), Math.max(last.get(strandOf(book)) ?? 0, book.connection ?? 0));
  return books.filter((book) => book.connection === last.get(strandOf(book)));
}

function textsOf(frames: readonly (string | null)[]): string {
  return JSON.stringify([...frames].sort());
}

async function lastFrame(dir: string): Promise<string | null> {
  let last: Buffer | null = null;
  try {
    for await (const part of readSegments(dir)) {
      if (part.type === "entries")
        last = [...part.entries].findLast(({ kind }) => kind !== entryKind.mark)?.body ?? last;
    }
  } catch (error) {
    // No segment is there yet.
    if ((error as { code?: string }).code !== "FILE_NOT_FOUND") throw error;
  }
  return last === null ? null : last.toString("utf8");
}
