import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { applyDelta } from "../../src/book/apply.js";
import type { Book } from "../../src/book/book.js";
import type { Mark } from "../../src/recorder/marks.js";
import { type Recorder, type RecordOptions, startRecorder } from "../../src/recorder/record.js";
import { listStrands } from "../../src/recorder/strands.js";
import { against, closing } from "../support/against.js";
import { labAndSandbox } from "../support/lab.js";
import { marksIn } from "../support/marks.js";
import { answer } from "../support/scripted-http.js";
import { startScripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { TinyExchange } from "../support/tiny-exchange.js";
import { until } from "../support/wait.js";

const tickers = ["A", "B", "C"];

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "rest-check-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function wire(book: Book): unknown {
  const { yes_dollars, no_dollars } = book.toJSON();
  return { ticker: book.ticker, orderbook_fp: { yes_dollars, no_dollars } };
}

/** A recorder of a scripted exchange whose REST side answers as told. */
async function checked(rest: (exchange: TinyExchange, asked: string[]) => unknown, more: Partial<RecordOptions> = {}) {
  const exchange = new TinyExchange(tickers, seeded(1));
  const socket = closing(await startScripted(exchange.script));
  const { client, server } = await against((request, response) => {
    const asked = new URL(request.url ?? "", "http://x").searchParams.getAll("tickers");
    const body = rest(exchange, asked);
    if (body === null) answer(response, 400, { error: { code: "bad_request", message: "no" } });
    else answer(response, 200, body);
  });
  const dir = folder();
  const recorder = await startRecorder({
    ...{ url: socket.url, signer: socket.signer, tickers, channels: ["orderbook_delta"], dir },
    ...{ client, compareMs: 20, compareWindow: { leadMs: 50, graceMs: 50 }, repairMs: 50 },
    ...more,
  });
  onTestFinished(async () => void (await recorder.stop()));
  return { exchange, recorder, dir, server };
}

function books(exchange: TinyExchange, asked: readonly string[]) {
  return { orderbooks: asked.map((ticker) => wire(exchange.books.get(ticker)!)) };
}

async function compared(recorder: Recorder, count: number): Promise<void> {
  await until(() => recorder.status().rest.compared >= count, `${count} books compared`, 60_000);
}

describe("books compared with those of REST", () => {
  it.each([
    ["", {}],
    [", over several connections", { maxMarkets: 4 }],
  ])(
    "of a busy exchange differ in none, and every check is a mark in the recording%s",
    async (_, limits) => {
      const { lab } = closing(await labAndSandbox({ speed: 20, ...limits }));
      const dir = folder();
      const recorder = await lab.record({ event: "SANDBOX-LIVE", dir, compareMs: 10 });
      await compared(recorder, 10);
      const { rest, frames } = recorder.status();
      expect(rest).toMatchObject({ different: 0, problem: null });
      // Each book has changed many times while its answer was under way.
      expect(frames).toBeGreaterThan(1_000);
      await recorder.stop();
      const marks = (await Promise.all((await listStrands(dir)).map((strand) => marksIn(strand.dir)))).flat();
      const checks = marks.filter((mark) => mark.mark === "rest_check");
      expect(checks.flatMap((check) => check.tickers).length).toBe(recorder.status().rest.compared);
      for (const { asked, answered } of checks) expect(answered).toBeGreaterThanOrEqual(asked);
      expect(marks.filter((mark) => mark.mark === "rest_difference")).toEqual([]);
    },
    120_000,
  );

  it("are not called different when REST is a little behind the channel, or before it", async () => {
    let behind: unknown = null;
    const { exchange, recorder } = await checked((exchange, asked) => {
      const now = books(exchange, asked);
      // Every other answer is of a moment ago, and the others of a moment to come: what changes next is sent after the answer.
      const sent = behind ?? now;
      behind = behind === null ? now : null;
      setTimeout(() => exchange.trade(20), 10);
      return sent;
    });
    exchange.trade(200);
    await compared(recorder, 30);
    expect(recorder.status().rest).toMatchObject({ different: 0, problem: null });
  });

  it("that differ twice are told level by level, recorded, and asked for anew", async () => {
    const { exchange, recorder, dir } = await checked((exchange, asked) => books(exchange, asked));
    exchange.trade(50);
    const book = exchange.books.get("B")!;
    // A change that nobody is told of, and no number is missing.
    applyDelta(book, { side: "yes", price: 480_000, delta: 700 });
    await until(() => recorder.status().rest.different === 1, "the difference");
    await compared(recorder, 12);
    // The snapshot has put it right.
    expect(recorder.status().rest.different).toBe(1);
    await recorder.stop();
    const marks = await marksIn(dir);
    const differences = marks.filter((mark) => mark.mark === "rest_difference");
    expect(differences).toMatchObject([{ ticker: "B", levels: [{ side: "yes", price: 480_000, ours: 0, rest: 700 }] }]);
    const [{ from, asked, answered, to }] = differences as [Extract<Mark, { mark: "rest_difference" }>];
    expect([from, asked, answered, to]).toEqual([from, asked, answered, to].toSorted((a, b) => a - b));
    const at = marks.indexOf(differences[0]!);
    expect(marks.slice(0, at).findLast(({ mark }) => mark === "rest_check")).toMatchObject({
      tickers: expect.arrayContaining(["B"]),
    });
  });

  it("that lack messages, or that REST does not answer for, are left out and counted", async () => {
    const { exchange, recorder, dir } = await checked((exchange, asked) =>
      books(
        exchange,
        asked.filter((ticker) => ticker !== "C"),
      ),
    );
    exchange.answer = () => "drop";
    exchange.trade(20);
    await compared(recorder, 2);
    const before = recorder.status().rest.compared;
    exchange.trade(3, () => "drop");
    exchange.trade(1);
    await until(() => recorder.status().staleBooks === tickers.length, "stale books");
    const { skipped } = recorder.status().rest;
    expect(skipped).toBeGreaterThan(0);
    await until(() => recorder.status().rest.skipped >= skipped + 6, "rounds without books to compare");
    expect(recorder.status().rest.compared).toBeLessThanOrEqual(before + 4);
    await recorder.stop();
    const checks = (await marksIn(dir)).filter((mark) => mark.mark === "rest_check");
    expect(checks.at(-1)).toMatchObject({ tickers: [], skipped: tickers });
  });

  it("that cannot be asked for are a problem that is told, and no end of the recording", async () => {
    let isUp = false;
    const { exchange, recorder } = await checked((exchange, asked) => (isUp ? books(exchange, asked) : null));
    exchange.trade(10);
    await until(() => recorder.status().rest.problem !== null, "the problem");
    expect(recorder.status()).toMatchObject({ problem: null, rest: { compared: 0, different: 0 } });
    isUp = true;
    await compared(recorder, 3);
    expect(recorder.status().rest.problem).toBeNull();
  });

  it("cost one request per hundred, and none when they are not to be compared", async () => {
    const { exchange, recorder, server } = await checked((exchange, asked) => books(exchange, asked));
    exchange.trade(10);
    await compared(recorder, 9);
    const { compared: count, skipped } = recorder.status().rest;
    expect(server.requests.length).toBeLessThanOrEqual((count + skipped) / tickers.length + 1);
    await recorder.stop();
    const off = await checked((exchange, asked) => books(exchange, asked), { compareMs: 0 });
    off.exchange.trade(100);
    await until(() => off.recorder.status().frames > 100, "frames");
    expect(off.server.requests).toEqual([]);
  });
});
