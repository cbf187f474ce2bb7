import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { CursorGuard, fetchPage, type ListEndpoint, type Page, pages, rows } from "../../src/client/pages.js";
import { expectError, expectRejection } from "../support/errors.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";

const things: ListEndpoint = { path: "/things", access: "public", list: "things", maxLimit: 5, key: "id" };

/** What the server answers to a cursor ("" is the first page). */
type Answers = Readonly<Record<string, unknown>>;

describe("pages", () => {
  let server: ScriptedServer;
  let client: Client;
  let answers: Answers = {};

  beforeAll(async () => {
    server = await scriptedServer((request, response) => {
      const cursor = new URL(request.url ?? "", "http://x").searchParams.get("cursor") ?? "";
      answer(response, 200, answers[cursor] ?? answers[""]);
    });
    // The limit on unsigned calls is not what is tested here.
    client = new Client({ baseUrl: server.baseUrl });
    client.read.resize({ capacity: 1e9, refillRate: 1e9 });
  });

  afterAll(async () => {
    await client.close();
    await server.close();
  });

  const page = (cursor: string, ...ids: string[]): unknown => ({ cursor, things: ids.map((id) => ({ id })) });

  async function all(options: Parameters<typeof pages>[3] = {}): Promise<Page[]> {
    const found: Page[] = [];
    for await (const one of pages(client, things, {}, options)) found.push(one);
    return found;
  }

  const ids = (found: readonly Page[]): string[] =>
    found.flatMap(({ items }) => items.map((item) => (item as { id: string }).id));

  it("follow the cursor until it is empty, whatever the lengths of the pages: each item comes once, in the order sent", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 }), async (lengths) => {
        const chunks = lengths.map((length, at) => Array.from({ length }, (_, n) => `${at}-${n}`));
        answers = Object.fromEntries(
          chunks.map((chunk, at) => [
            at === 0 ? "" : `c${at}`,
            page(at === lengths.length - 1 ? "" : `c${at + 1}`, ...chunk),
          ]),
        );
        expect(ids(await all())).toEqual(chunks.flat());
      }),
      { numRuns: 30 },
    );
  });

  it("end at an absent cursor and at null as at an empty one", async () => {
    for (const last of [{ things: [{ id: "a" }] }, { cursor: null, things: [{ id: "a" }] }]) {
      answers = { "": last };
      expect(ids(await all())).toEqual(["a"]);
    }
  });

  it("notice a cursor that comes twice", async () => {
    answers = { "": page("c1", "a"), c1: page("c2", "b"), c2: page("c1", "c") };
    await expectRejection(all(), "CURSOR_REPEATED", /anew/);
  });

  it("notice an exchange that starts over with page one, as it does for a cursor it cannot read", async () => {
    answers = { "": page("c1", "a", "b") };
    await expectRejection(all(), "CURSOR_REPEATED", /anew/);
    await expectRejection(all({ cursor: "damaged", firstKey: "a" }), "CURSOR_REPEATED", /anew/);
  });

  it("notice it also when newer rows have come before page one meanwhile", async () => {
    answers = { "": page("c1", "a", "b"), c1: page("c2", "new", "a", "b") };
    await expectRejection(all(), "CURSOR_REPEATED", /anew/);
  });

  it("of a list whose items no single field tells apart go on where only that field comes again", async () => {
    const pairs: ListEndpoint = { ...things, key: ["id", "fee", "note"] };
    const read = async (options: Parameters<typeof pages>[3] = {}): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const row of rows(client, pairs, {}, options)) found.push(row);
      return found;
    };
    const [a, b] = [
      { id: "a", fee: "0.01" },
      { id: "a", fee: "0.02" },
    ];
    answers = {
      "": { cursor: "c1", things: [a, { id: "b" }] },
      c1: { cursor: "", things: [b, { id: "b", fee: "1" }] },
    };
    expect(await read()).toHaveLength(4);
    const guard = new CursorGuard(pairs, null);
    guard.check("", { cursor: "c1", items: [a], answer: {} });
    expect(await read({ cursor: "c1", firstKey: guard.firstKey })).toHaveLength(2);
    // The exchange that starts over is noticed all the same, also by a chain that goes on from what was saved.
    answers = { "": { cursor: "c1", things: [a, b] } };
    await expectRejection(read(), "CURSOR_REPEATED", /anew/);
    await expectRejection(read({ cursor: "damaged", firstKey: guard.firstKey }), "CURSOR_REPEATED", /anew/);
    answers = { "": { cursor: "c1", things: [a, b] }, c1: { cursor: "c2", things: [{ id: "new" }, a] } };
    await expectRejection(read(), "CURSOR_REPEATED", /anew/);
  });

  it("notice a page that comes again under a fresh cursor", async () => {
    answers = { "": page("c1", "a"), c1: page("c2", "b", "c"), c2: page("c3", "b", "c") };
    await expectRejection(all(), "CURSOR_REPEATED", /anew/);
  });

  it("pass on rows that come twice, within a page and across two", async () => {
    answers = { "": page("c1", "a", "b", "b"), c1: page("c2", "b"), c2: page("c3", "b"), c3: page("", "b", "c") };
    expect(ids(await all())).toEqual(["a", "b", "b", "b", "b", "b", "c"]);
  });

  it("go on after short pages and empty ones, and end with an error where there is no end", async () => {
    answers = { "": page("c1", "a"), c1: page("c2"), c2: page("c3"), c3: page("", "b") };
    expect(ids(await all())).toEqual(["a", "b"]);
    let cursors = 0;
    answers = {
      get ""() {
        cursors += 1;
        return page(`fresh${cursors}`);
      },
    };
    const error = await expectRejection(all(), "PAGES_ENDLESS", /shorter span/);
    expect(error.context.pages).toBe(1_000);
    expect(cursors).toBe(1_000);
  });

  it("come one row at a time as well", async () => {
    answers = { "": page("c1", "a", "b"), c1: page("", "c") };
    const found: unknown[] = [];
    for await (const row of rows(client, things, {})) found.push(row);
    expect(found).toEqual([{ id: "a" }, { id: "b" }, { id: "c" }]);
  });

  it("go on from a saved cursor", async () => {
    answers = { "": page("c1", "a"), c1: page("", "b") };
    expect(ids(await all({ cursor: "c1", firstKey: "a" }))).toEqual(["b"]);
  });

  it("refuse an answer without the list, and a cursor that is no text", async () => {
    answers = { "": { cursor: "", other: [] } };
    await expectRejection(all(), "BAD_RESPONSE", /update/);
    answers = { "": { cursor: 7, things: [] } };
    await expectRejection(all(), "BAD_RESPONSE", /update/);
  });

  it("take null for an empty list, as the exchange's language writes it", async () => {
    answers = { "": { cursor: "", things: null } };
    expect(ids(await all())).toEqual([]);
  });

  it.each([0, -1, 6, 2.5, Number.NaN])("refuse a limit of %d before anything is sent", async (limit) => {
    const before = server.requests.length;
    await expectRejection(all({ limit }), "BAD_ARGUMENT", /from 1 to 5/);
    expect(server.requests.length).toBe(before);
  });

  it("give back the tokens of a page that is refused before it is sent", async () => {
    const reserved = await client.read.reserve(10);
    await expectRejection(fetchPage(client, things, {}, { limit: 6, reserved }), "BAD_ARGUMENT", /from 1 to 5/);
    expect(reserved.use()).toBe(false);
  });

  it("ask for the size and read the cursor under the endpoint's own names", async () => {
    answers = { "": { next_cursor: "c1", things: [{ id: "a" }] }, c1: { next_cursor: "", things: [{ id: "b" }] } };
    const own: ListEndpoint = { ...things, sizeIn: "page_size", cursorIn: "next_cursor" };
    const found: unknown[] = [];
    for await (const row of rows(client, own, { status: "all" })) found.push(row);
    expect(found).toEqual([{ id: "a" }, { id: "b" }]);
    expect(server.requests.slice(-2).map(({ url }) => url)).toEqual([
      "/trade-api/v2/things?status=all&page_size=5",
      "/trade-api/v2/things?status=all&page_size=5&cursor=c1",
    ]);
  });
});

describe("CursorGuard", () => {
  const empty = (cursor: string, id: number): Page => ({ cursor, items: [{ id: `row${id}` }], answer: {} });

  it.each([10, 5_000, 50_000])("notices a circle of %d pages, without remembering them all", (length) => {
    const guard = new CursorGuard(things, null);
    let checked = 0;
    const error = expectError(
      () => {
        for (let at = 0; at < 4 * length; at += 1) {
          guard.check(at === 0 ? "" : `c${(at - 1) % length}`, empty(`c${at % length}`, at));
          checked += 1;
        }
      },
      "CURSOR_REPEATED",
      /anew/,
    );
    expect(error.message).toContain("same cursor");
    expect(checked).toBeGreaterThanOrEqual(length);
  });

  it("lets a chain of a hundred thousand pages pass", () => {
    const guard = new CursorGuard(things, null);
    for (let at = 0; at < 100_000; at += 1) guard.check(at === 0 ? "" : `c${at - 1}`, empty(`c${at}`, at));
    expect(guard.firstKey).toBe("row0");
  });
});
