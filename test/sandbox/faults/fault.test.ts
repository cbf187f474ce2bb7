import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadFaults, readFaults } from "../../../src/sandbox/faults/fault.js";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { expectError, expectRejection } from "../../support/errors.js";
import { allPages, get, getSigned } from "../../support/sandbox-call.js";

const PATH = "/historical/trades";

interface Page {
  readonly cursor: string;
  readonly trades: readonly { readonly trade_id: string }[];
}
interface Stats {
  readonly requests: number;
  readonly lost: number;
  readonly answered_429: number;
  readonly most_in_flight: number;
  readonly by_path: Readonly<Record<string, number>>;
  readonly by_status: Readonly<Record<string, number>>;
  readonly first_request_ms: number;
  readonly last_request_ms: number;
  readonly accounts: readonly { readonly user_id: string; readonly read: Readonly<Record<string, number>> }[];
  readonly unsigned: readonly Readonly<Record<string, unknown>>[];
  readonly faults: readonly { readonly fault: string; readonly matched: number; readonly injected: number }[];
}

/** How a GET ended as seen from the socket. */
interface Seen {
  readonly status: number | null;
  readonly type: string | undefined;
  readonly text: string;
  /** The connection ended before the answer was whole. */
  readonly broken: boolean;
}

describe("the fault plan of a sandbox", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "faults", keyType: "ed25519", tier: "prestige", unsignedPerSecond: 10_000 });
  });
  afterAll(() => sandbox?.close());
  afterEach(async () => {
    await control("DELETE", "/faults");
    await control("DELETE", "/stats");
  });

  async function control<Body = Record<string, unknown>>(method: string, path: string, body?: unknown) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(sandbox.ready.control_url + path, init);
    return { status: response.status, body: (await response.json()) as Body };
  }
  const stats = async () => (await control<Stats>("GET", "/stats")).body;
  /** One rule on the path of trades, once unless it says otherwise. */
  const plan = (rule: object) => control("POST", "/faults", { seed: "f", rules: [{ path: PATH, count: 1, ...rule }] });
  const page = async (query = "limit=10") => (await get<Page>(sandbox, `${PATH}?${query}`)).body;
  const ids = ({ trades }: Page) => trades.map(({ trade_id }) => trade_id);

  function look(path: string, end?: AbortSignal): Promise<Seen> {
    return new Promise((resolve) => {
      const asked = request(sandbox.ready.rest_url + path, { agent: false, signal: end }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        const finish = (broken: boolean) =>
          resolve({ status: response.statusCode ?? null, type: response.headers["content-type"], text, broken });
        response.on("end", () => finish(false));
        response.on("error", () => finish(true));
      });
      asked.on("error", () => resolve({ status: null, type: undefined, text: "", broken: true }));
      asked.end();
    });
  }

  it.each([
    [429, undefined, "application/json", /^\{"error":\{"code":"too_many_requests"/],
    [500, undefined, "application/json", /^\{"error":\{"code":"internal_error"/],
    [502, undefined, "text/html", /<h1>Bad gateway/],
    [503, "json", "application/json", /^\{"error":\{"code":"service_unavailable"/],
    [504, "empty", "text/plain", /^$/],
  ] as const)("answers with %d instead, body %s", async (status, body, type, text) => {
    await plan({ fault: "status", status, body });
    const seen = await look(PATH);
    expect(seen).toMatchObject({ status, type, broken: false });
    expect(seen.text).toMatch(text);
    expect((await look(PATH)).status).toBe(200);
    expect((await stats()).faults).toEqual([{ fault: "status", path: PATH, matched: 2, injected: 1 }]);
  });

  it("takes no tokens for a 429 on purpose, and tells signed calls of it by a bare text", async () => {
    await plan({ fault: "status", status: 429 });
    expect((await getSigned(sandbox, PATH)).text).toBe('{"error":"too many requests"}');
    expect((await stats()).accounts).toEqual([]);
    await getSigned(sandbox, PATH);
    await plan({ fault: "status", status: 503 });
    expect((await look(PATH)).status).toBe(503);
    await plan({ fault: "status", status: 500 });
    expect((await getSigned(sandbox, PATH)).status).toBe(500);
    expect((await stats()).accounts[0]?.read).toMatchObject({ spent: 20, granted: 2 });
    expect((await stats()).answered_429).toBe(1);
  });

  it("ends the socket before the headers", async () => {
    await plan({ fault: "disconnect" });
    expect(await look(PATH)).toMatchObject({ status: null, broken: true });
    expect((await look(PATH)).status).toBe(200);
    expect((await stats()).lost).toBe(1);
  });

  it("cuts the JSON off with the socket, or as if that were all", async () => {
    await plan({ fault: "cut" });
    const torn = await look(PATH);
    expect(torn).toMatchObject({ status: 200, broken: true });
    expect(torn.text.length).toBeGreaterThan(100);
    await plan({ fault: "cut", how: "end", at: 0.9 });
    const short = await look(PATH);
    expect(short).toMatchObject({ status: 200, type: "application/json", broken: false });
    expect(() => JSON.parse(short.text)).toThrow();
    expect((await look(PATH)).text.startsWith(short.text)).toBe(true);
  });

  it("answers with a page of HTML as if all were well", async () => {
    await plan({ fault: "html" });
    expect(await look(PATH)).toMatchObject({ status: 200, type: "text/html", broken: false });
  });

  it("never answers, until the client gives up", async () => {
    await plan({ fault: "timeout" });
    const client = new AbortController();
    let isOver = false;
    const waiting = look(PATH, client.signal).finally(() => {
      isOver = true;
    });
    // The next request, sent after, is answered; the first still is not.
    await look(PATH);
    await look(PATH);
    expect(isOver).toBe(false);
    client.abort();
    expect((await waiting).status).toBe(null);
  });

  it("delays an answer, and another fault may come on top", async () => {
    await plan({ fault: "delay", ms: 120 });
    const begun = performance.now();
    expect((await look(PATH)).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThan(115);
    const rules = [
      { path: "*", fault: "delay", from: 1, to: 5 },
      { path: "*", fault: "html" },
    ];
    await control("POST", "/faults", { rules });
    expect((await look(PATH)).type).toBe("text/html");
    expect((await stats()).faults.map(({ injected }) => injected)).toEqual([1, 1]);
  });

  it("repeats rows of the page before at the head of the next, and loses none", async () => {
    const plain = await allPages<{ trade_id: string }>(sandbox, `${PATH}?limit=100&min_ts=1788000000`, "trades");
    await plan({ fault: "duplicate_rows", rows: 2 });
    const first = await page("limit=10");
    const second = await page(`limit=10&cursor=${first.cursor}`);
    expect(ids(second).slice(0, 2)).toEqual(ids(first).slice(-2));
    expect(second.trades).toHaveLength(10);
    await plan({ fault: "duplicate_rows", rate: 0.5, count: 1_000 });
    const doubled = await allPages<{ trade_id: string }>(sandbox, `${PATH}?limit=100&min_ts=1788000000`, "trades");
    expect(doubled.rows.length).toBeGreaterThan(plain.rows.length);
    expect([...new Set(doubled.rows.map(({ trade_id }) => trade_id))]).toEqual(
      plain.rows.map(({ trade_id }) => trade_id),
    );
  });

  it("sends an empty page whose cursor leads to its rows, also twice in a row and at the start", async () => {
    const plain = await page();
    await plan({ fault: "empty_page", count: 2 });
    const empty = await page();
    expect(empty.trades).toEqual([]);
    const again = await page(`limit=10&cursor=${empty.cursor}`);
    expect(again.trades).toEqual([]);
    expect(again.cursor).not.toBe(empty.cursor);
    expect(await page(`limit=10&cursor=${again.cursor}`)).toEqual(plain);
  });

  it("sends fewer rows than asked for, with a cursor to the rest", async () => {
    const plain = await page();
    await plan({ fault: "short_page", share: 0.3 });
    const short = await page();
    expect(ids(short)).toEqual(ids(plain).slice(0, 3));
    expect(ids(await page(`limit=7&cursor=${short.cursor}`))).toEqual(ids(plain).slice(3));
  });

  it("answers with the cursor it was asked with", async () => {
    const { cursor } = await page();
    const plain = await page(`limit=10&cursor=${cursor}`);
    await plan({ fault: "repeat_cursor" });
    expect(await page()).toMatchObject({ cursor });
    expect(await page(`limit=10&cursor=${cursor}`)).toEqual({ cursor, trades: plain.trades });
    expect(await page(`limit=10&cursor=${cursor}`)).toEqual(plain);
  });

  it("takes a cursor for unreadable: page one again", async () => {
    const plain = await page();
    await plan({ fault: "restart" });
    expect(await page(`limit=10&cursor=${plain.cursor}`)).toEqual(plain);
  });

  it("leaves what is no page as it is, and does not count it", async () => {
    const one = "/markets/SANDBOX-LIVE-T50";
    await plan({ path: one, fault: "empty_page", count: 5 });
    expect((await get(sandbox, one)).status).toBe(200);
    expect((await stats()).faults).toEqual([{ fault: "empty_page", path: one, matched: 1, injected: 0 }]);
  });

  it("moves the cutoff once the n-th request has arrived, and rows with it", async () => {
    const own = await startSandbox({ seed: "moving", keyType: "ed25519" });
    const rule = { path: PATH, fault: "cutoff", days: 5, after: 2 };
    await fetch(`${own.ready.control_url}/faults`, { method: "POST", body: JSON.stringify({ rules: [rule] }) });
    const cutoff = async () =>
      (await get<{ trades_created_ts: string }>(own, "/historical/cutoff")).body.trades_created_ts;
    const newest = async () =>
      (await get<{ trades: { created_time: string }[] }>(own, `${PATH}?limit=1`)).body.trades[0];
    const [first, before] = [await newest(), await cutoff()];
    expect(await newest()).toEqual(first);
    expect(await cutoff()).toBe(before);
    const moved = await newest();
    const after = await cutoff();
    expect(Date.parse(after) - Date.parse(before)).toBe(5 * 86_400_000);
    expect(moved?.created_time && moved.created_time > before).toBe(true);
    await newest();
    expect(await cutoff()).toBe(after);
    await own.close();
  });

  it("strikes the same requests for the same seed, others for another, as often as its rate says", async () => {
    const struck = async (seed: string) => {
      await control("POST", "/faults", {
        seed,
        rules: [{ path: "/exchange/*", fault: "status", status: 500, rate: 0.2 }],
      });
      const list: number[] = [];
      for (let i = 0; i < 150; i += 1) if ((await get(sandbox, "/exchange/status")).status === 500) list.push(i);
      return list;
    };
    const first = await struck("a");
    expect(await struck("a")).toEqual(first);
    expect(await struck("b")).not.toEqual(first);
    expect(first.length).toBeGreaterThan(12);
    expect(first.length).toBeLessThan(55);
  });

  it("lets the first so many pass, and keeps to paths and methods", async () => {
    await control("POST", "/faults", {
      rules: [
        { path: "/exchange/status", fault: "status", status: 500, after: 2, count: 1 },
        { path: "/portfolio/*", method: "POST", fault: "status", status: 503 },
      ],
    });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await get(sandbox, "/exchange/status")).status);
    expect(statuses).toEqual([200, 200, 500, 200, 200]);
    expect((await getSigned(sandbox, "/portfolio/balance")).status).toBe(200);
    expect((await stats()).faults.map(({ matched }) => matched)).toEqual([5, 0]);
  });

  it("takes * for any one segment within a path, and for any end", async () => {
    const rule = { fault: "status", status: 500 };
    await control("POST", "/faults", {
      rules: [
        { ...rule, path: "/markets/*/orderbook" },
        { ...rule, path: "/markets/SANDBOX-LIVE-T4*" },
      ],
    });
    const asked = ["T45/orderbook", "T50/orderbook", "T50", "T45"].map((rest) => `/markets/SANDBOX-LIVE-${rest}`);
    const statuses: number[] = [];
    for (const path of [...asked, "/markets/orderbook", "/markets/a/b/orderbook"]) {
      statuses.push((await get(sandbox, path)).status);
    }
    expect(statuses).toEqual([500, 500, 200, 500, 404, 404]);
  });

  it("is told in the log beside each answer it met", async () => {
    await plan({ fault: "status", status: 500 });
    await look(`${PATH}?limit=3`);
    const { body } = await control<{ entries: readonly object[] }>("GET", "/log");
    expect(body.entries.at(-1)).toMatchObject({ path: `/trade-api/v2${PATH}`, status: 500, fault: "status" });
  });

  it("keeps the plan it has when the new one is wrong", async () => {
    await plan({ fault: "html", count: 9 });
    const wrong = await control("POST", "/faults", { rules: [{ path: PATH, fault: "fire" }] });
    expect(wrong).toMatchObject({
      status: 400,
      body: { code: "BAD_ARGUMENT", hint: expect.stringMatching(/disconnect, cut/) },
    });
    expect((await look(PATH)).type).toBe("text/html");
  });

  it("comes with the start as well", async () => {
    const faults = { rules: [{ path: "*", fault: "status", status: 503, body: "json" }] };
    const own = await startSandbox({ faults, keyType: "ed25519" });
    expect((await get(own, "/exchange/status")).status).toBe(503);
    await own.close();
    await expectRejection(startSandbox({ faults: { rules: {} } }), "BAD_ARGUMENT", /list of rules/);
  });

  it.each([
    [[], /plan is \[\]/, /JSON object/],
    [{ rules: [], sed: 1 }, /sed is 1/, /seed, rules/],
    [{ rules: [], seed: 1 }, /seed is 1/, /text/],
    [{ rules: [{ fault: "html" }] }, /rules\[0\]\.path is missing/, /historical\/trades/],
    [{ rules: [{ path: "/markets/:ticker/orderbook", fault: "html" }] }, /rules\[0\]\.path/, /markets\/\*\/orderbook/],
    [{ rules: [{ path: "/mar*ts", fault: "html" }] }, /rules\[0\]\.path/, /markets\/\*/],
    [{ rules: [{ path: "/markets?status=open", fault: "html" }] }, /rules\[0\]\.path/, /markets\/\*/],
    [{ rules: [{ path: "/trade-api/v2/markets", fault: "html" }] }, /rules\[0\]\.path/, /below \/trade-api\/v2/],
    [{ rules: [{ path: "*", fault: "html", rat: 1 }] }, /rules\[0\]\.rat is 1/, /rate, count/],
    [{ rules: [{ path: "*", fault: "html", rate: 2 }] }, /rules\[0\]\.rate is 2/, /from 0 to 1/],
    [{ rules: [{ path: "*", fault: "html", count: 0.5 }] }, /rules\[0\]\.count/, /whole number/],
    [{ rules: [{ path: "*", fault: "status", status: 418 }] }, /rules\[0\]\.status is 418/, /429, 500/],
    [{ rules: [{ path: "*", fault: "status", status: 502, body: "xml" }] }, /rules\[0\]\.body/, /json, html, empty/],
    [{ rules: [{ path: "*", fault: "delay" }] }, /rules\[0\]\.from is missing/, /number from 0/],
    [{ rules: [{ path: "*", fault: "delay", from: 9, to: 3 }] }, /rules\[0\]\.to is 3/, /number from 9/],
    [{ rules: [{ path: "*", fault: "cut", how: "bite" }] }, /rules\[0\]\.how/, /destroy, end/],
    [{ rules: [{ path: "*", fault: "cutoff" }] }, /rules\[0\]\.date/, /either/],
    [{ rules: [{ path: "*", fault: "cutoff", date: 5 }] }, /rules\[0\]\.date is 5/, /RFC 3339/],
    [{ rules: [{ path: "*", method: "PATCH", fault: "html" }] }, /rules\[0\]\.method/, /GET, POST/],
  ])("refuses %j and names the field", (value, message, hint) => {
    expect(expectError(() => readFaults(value), "BAD_ARGUMENT", hint).message).toMatch(message);
  });

  it("is read from a file, and says which one cannot be", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kalshi-faults-"));
    const file = join(folder, "faults.json");
    await expectRejection(loadFaults(file), "FILE_NOT_FOUND", /path of a JSON file/);
    await expectRejection(loadFaults(folder), "FILE_UNREADABLE", /path of a JSON file/);
    writeFileSync(file, '{"rules": [],}');
    await expectRejection(loadFaults(file), "FILE_FORMAT", /commas/);
    writeFileSync(file, '{"rules": []}');
    expect(readFaults(await loadFaults(file))).toEqual({ seed: "", rules: [] });
    rmSync(folder, { recursive: true });
  });
});

describe("what a sandbox counts", () => {
  it("is enough to tell how much of its tokens a client spent", async () => {
    let now = Date.now() * 1000;
    const wall = { now: () => now };
    const sandbox = await startSandbox({ tier: "basic", wall, keyType: "ed25519", unsignedPerSecond: 1 });
    const control = async (method: string, path: string) =>
      (await fetch(sandbox.ready.control_url + path, { method })).json() as Promise<Stats>;
    const ask = (count: number) =>
      Promise.all(Array.from({ length: count }, () => getSigned(sandbox, "/exchange/status", now / 1000)));
    const begun = now;
    await ask(10);
    await control("DELETE", "/stats");
    now += 250_000;
    await ask(57);
    now += 1_000_000;
    await ask(20);
    await get(sandbox, "/historical/cutoff");
    const stats = await control("GET", "/stats");
    expect(stats.accounts[0]?.read).toEqual({
      available_at_first: 550,
      bucket_capacity: 600,
      first_ms: begun / 1000 + 250,
      granted: 75,
      last_ms: begun / 1000 + 1_250,
      refill_rate: 200,
      refused: 2,
      spent: 750,
    });
    expect(stats.unsigned).toMatchObject([{ address: "127.0.0.1", granted: 1, spent: 1 }]);
    expect(stats).toMatchObject({
      requests: 78,
      answered_429: 2,
      by_path: { "/exchange/status": 77, "/historical/cutoff": 1 },
      by_status: { "200": 76, "429": 2 },
      first_request_ms: begun / 1000 + 250,
      last_request_ms: begun / 1000 + 1_250,
    });
    await sandbox.close();
  });
});

describe("the latency of a sandbox", () => {
  it("passes for all requests in flight at once, each with its tokens taken as it arrives", async () => {
    const sandbox = await startSandbox({ latencyMs: 800, tier: "basic", keyType: "ed25519" });
    const begun = performance.now();
    const spans = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const { status } = await getSigned(sandbox, "/exchange/status");
        return { status, took: performance.now() - begun };
      }),
    );
    for (const { status, took } of spans) {
      expect(status).toBe(200);
      expect(took).toBeGreaterThan(798);
    }
    const stats = (await (await fetch(`${sandbox.ready.control_url}/stats`)).json()) as Stats;
    // One after the other they would take 24 seconds, and only one would be under way at a time.
    expect(stats.most_in_flight).toBeGreaterThan(10);
    expect(Math.max(...spans.map(({ took }) => took))).toBeLessThan(8_000);
    expect(stats.accounts[0]?.read.spent).toBe(300);
    await sandbox.close();
  });
});
