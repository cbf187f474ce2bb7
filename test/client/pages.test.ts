import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { type ListEndpoint, type Page, pages } from "../../src/client/pages.js";
import { expectRejection } from "../support/errors.js";
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

  it("go on from a saved cursor", async () => {
    answers = { "": page("c1", "a"), c1: page("", "b") };
    expect(ids(await all({ cursor: "c1", firstKey: "a" }))).toEqual(["b"]);
  });

  it("refuse an answer without the list", async () => {
    answers = { "": { cursor: "", other: [] } };
    await expectRejection(all(), "BAD_RESPONSE", /update/);
  });
});
