import type { ServerResponse } from "node:http";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApiRequest, Client, ClientOptions } from "../../src/client/http.js";
import { listItems } from "../../src/client/list-items.js";
import type { ErrorCode } from "../../src/errors.js";
import { type Against, against, quick } from "../support/against.js";
import { expectRejection } from "../support/errors.js";
import { answer, type Scripted } from "../support/scripted-http.js";

const series: ApiRequest = { path: "/series", access: "public" };

/** The items of a text that comes in chunks of a size. */
async function itemsOf(text: string | Buffer, size: number, list = "series"): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found: unknown[] = [];
  for await (const items of listItems(chunks(), list)) found.push(...items);
  return found;
}

describe("the items of a list", () => {
  it("are those of the whole text, wherever it is cut into chunks", async () => {
    const anything = fc.jsonValue({ maxDepth: 4, stringUnit: "binary", noUnicodeString: false } as object);
    await fc.assert(
      fc.asyncProperty(fc.array(anything), anything, fc.integer({ min: 1, max: 40 }), async (list, beside, size) => {
        const text = JSON.stringify({ before: beside, series: list, after: [beside, { series: [1] }] }, null, size % 3);
        expect(await itemsOf(text, size)).toEqual((JSON.parse(text) as { series: unknown[] }).series);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["text of two, three and four bytes a character", '{"series":[{"title":"é中😀"}]}'],
    [
      "letters of no width that elsewhere mark the order of bytes",
      '{"series":[{"\ufefftitle":"\ufeff\ufeffé\ufeff","ﻀ":"ﻀﻀ"}]}',
    ],
    ["escapes", String.raw`{"series":[{"a\"]}":"\u00e9\ud83d\ude00\\\n[{"}]}`],
    ["the key with escapes", String.raw`{"s\u0065ries":[1,2]}`],
    ["numbers", '{"series":[-0.5,1e3,1E-7,123456789012345680000,0]}'],
    ["the same key further inside", '{"a":{"series":[9]},"series":[{"series":[1,2]}],"b":["series"]}'],
    ["a value that is the key's name", '{"a":"series","b":[],"series":[1]}'],
    ["no items", '{"series":[]}'],
  ])("are right with %s, at every chunk size", async (_, text) => {
    const expected = (JSON.parse(text) as { series: unknown[] }).series;
    for (let size = 1; size <= Buffer.byteLength(text); size += 1) expect(await itemsOf(text, size)).toEqual(expected);
  });

  it("are none where the list is null", async () => {
    expect(await itemsOf('{"series":null}', 5)).toEqual([]);
  });

  it.each([
    ["cut off in an item", '{"series":[{"a":1},{"a"'],
    ["cut off between items", '{"series":[{"a":1},'],
    ["cut off behind the list", '{"series":[{"a":1}]'],
    ["a comma too many", '{"series":[1,]}'],
    ["no number", '{"series":[01]}'],
    ["something behind it", '{"series":[]}{'],
    ["nothing", ""],
    ["a page", "<html><body>"],
  ])("end with an error when the text is broken: %s", async (_, text) => {
    for (const size of [1, 7, 1_000]) await expect(itemsOf(text, size)).rejects.toMatchObject({ kind: "syntax" });
  });

  it.each([
    ["another key", '{"other":[1]}'],
    ["the key further inside alone", '{"a":{"series":[1]}}'],
    ["an object", '{"series":{"a":1}}'],
    ["a text", '{"series":"[1]"}'],
    ["a list by itself", "[1,2]"],
  ])("end with an error when the answer has another shape: %s", async (_, text) => {
    for (const size of [1, 7, 1_000]) await expect(itemsOf(text, size)).rejects.toMatchObject({ kind: "shape" });
  });
});

describe("Client.items", () => {
  async function asking(script: Scripted, options: Partial<ClientOptions> = {}): Promise<Against> {
    const { client, server } = await against(script, options);
    client.read.resize({ capacity: 1e9, refillRate: 1e9 });
    return { client, server };
  }

  /** Reads the list to its end, into what was found so far. */
  async function all(client: Client, key?: string, found: unknown[] = []): Promise<unknown[]> {
    for await (const items of client.items(series, "series", key)) found.push(...items);
    return found;
  }

  const whole = '{"cursor":"","series":[{"ticker":"A"},{"ticker":"B"}]}';
  const text = (response: ServerResponse, body: string): void => void response.writeHead(200).end(body);

  it("gives the items of the answer, and counts its bytes", async () => {
    const { client } = await asking((_, response) => text(response, whole));
    expect(await all(client)).toEqual([{ ticker: "A" }, { ticker: "B" }]);
    expect(client.usage.bytes).toBe(whole.length);
  });

  it.each<[string, Scripted]>([
    ["a 503", (_, response) => answer(response, 503, {})],
    ["a 429", (_, response) => answer(response, 429, { error: "too many requests" })],
    ["HTML under a 200", (_, response) => text(response, "<html>login</html>")],
    ["an empty answer", (_, response) => text(response, "")],
    ["JSON that is cut off before its first item", (_, response) => text(response, '{"series":[{"tick')],
    ["a reset before the first item", (request, response) => void response.write("{", () => request.socket.destroy())],
  ])("asks again after %s, and gives what then comes", async (_, fault) => {
    const { client, server } = await asking((request, response, count) =>
      count < 3 ? fault(request, response, count) : text(response, whole),
    );
    expect(await all(client)).toEqual([{ ticker: "A" }, { ticker: "B" }]);
    expect(server.requests.length).toBe(3);
  });

  const half = '{"series":[{"ticker":"A"},{"tick';

  const breaks: readonly (readonly [string, Scripted, ErrorCode, Partial<ClientOptions>])[] = [
    ["the text ends too early", (_, response) => text(response, half), "BAD_RESPONSE", {}],
    [
      "the connection breaks",
      (request, response) => void response.writeHead(200).write(half, () => request.socket.destroy()),
      "UNREACHABLE",
      {},
    ],
    ["no more comes", (_, response) => void response.writeHead(200).write(half), "TIMED_OUT", { timeoutMs: 60 }],
  ];

  it.each(breaks)(
    "says how many items had come when %s in the middle, and does not begin again where nothing tells items apart",
    async (_, fault, code, options) => {
      const { client, server } = await asking(fault, options);
      const found: unknown[] = [];
      const error = await expectRejection(all(client, undefined, found), code, /whole list again/);
      expect(error.message).toContain("1 items had come");
      expect(error.context.items).toBe(1);
      expect(found).toEqual([{ ticker: "A" }]);
      expect(server.requests.length).toBe(1);
    },
  );

  it.each(breaks)("asks again when %s in the middle, and gives each item once", async (_, fault, __, options) => {
    const { client, server } = await asking(
      (request, response, count) => (count < 3 ? fault(request, response, count) : text(response, whole)),
      options,
    );
    expect(await all(client, "ticker")).toEqual([{ ticker: "A" }, { ticker: "B" }]);
    expect(server.requests.length).toBe(3);
    expect(client.usage).toMatchObject({ requests: 3, retries: 2, failed: 2 });
  });

  it.each(breaks)(
    "gives up when %s each time in the middle, and says how many items had come",
    async (_, fault, code, options) => {
      const { client, server } = await asking(fault, options);
      const found: unknown[] = [];
      const error = await expectRejection(all(client, "ticker", found), code, /whole list again/);
      expect(error.message).toContain("1 items had come, and they are not all");
      expect(error.context.items).toBe(1);
      expect(found).toEqual([{ ticker: "A" }]);
      expect(server.requests.length).toBe(quick.attempts);
    },
  );

  it("says how many items had come also when it cannot be asked again at all", async () => {
    const { client, server } = await asking((_, response, count) =>
      count === 1 ? text(response, half) : answer(response, 404, {}),
    );
    const error = await expectRejection(all(client, "ticker"), "NOT_FOUND", /whole list again/);
    expect(error.context).toMatchObject({ status: 404, items: 1 });
    expect(server.requests.length).toBe(2);
  });

  it("gives what is twice in one answer twice, whether it is asked again or not", async () => {
    const twice = '{"series":[{"ticker":"A"},{"ticker":"A"},{"n":1},{"n":1}]}';
    const { client } = await asking((_, response) => text(response, twice));
    expect(await all(client, "ticker")).toEqual((JSON.parse(twice) as { series: unknown[] }).series);
  });

  it.each<[string, Scripted, ErrorCode, RegExp, number]>([
    ["HTML for ever", (_, response) => text(response, "<html>login"), "BAD_RESPONSE", /login page/, quick.attempts],
    ["503 for ever", (_, response) => answer(response, 503, {}), "SERVER_FAILED", /try again/, quick.attempts],
    ["no such list", (_, response) => answer(response, 200, { other: [1] }), "BAD_RESPONSE", /shape/, 1],
    ["what is no list", (_, response) => answer(response, 200, { series: {} }), "BAD_RESPONSE", /shape/, 1],
    ["an unknown path", (_, response) => answer(response, 404, {}), "NOT_FOUND", /historical/, 1],
  ])("gives up on %s with the error that json() gives", async (_, fault, code, hint, requests) => {
    const { client, server } = await asking(fault);
    await expectRejection(all(client), code, hint);
    expect(server.requests.length).toBe(requests);
  });

  it("waits for a reader that takes longer than the time for an answer, and loses nothing", async () => {
    const long = Array.from({ length: 20_000 }, (_, n) => ({ ticker: `T${n}`, text: "x".repeat(100) }));
    const { client, server } = await asking(
      ({ url }, response) => void (url?.endsWith("/mute") === true || answer(response, 200, { series: long })),
      { timeoutMs: 100 },
    );
    let count = 0;
    for await (const items of client.items(series, "series")) {
      // As long as another request of this client takes to run out of time, as often as it is tried.
      if (count === 0) await expectRejection(client.json({ ...series, path: "/mute" }), "TIMED_OUT", /try again/);
      count += items.length;
    }
    expect(count).toBe(long.length);
    expect(server.requests.length).toBe(1 + quick.attempts);
  });

  it("ends the answer when its reader stops, and leaves the client able to ask again", async () => {
    let closed: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { client } = await asking((_, response, count) => {
      if (count > 1) return text(response, whole);
      response.on("close", closed);
      response.writeHead(200).write('{"series":[1,2,');
    });
    for await (const items of client.items(series, "series")) {
      expect(items).toEqual([1, 2]);
      break;
    }
    await ended;
    expect((await all(client)).length).toBe(2);
  });

  it("ends with INTERRUPTED when it is aborted in the middle", async () => {
    const stop = new AbortController();
    const { client } = await asking((_, response) => void response.writeHead(200).write('{"series":[1,2,'));
    const reading = async (): Promise<void> => {
      for await (const _ of client.items({ ...series, signal: stop.signal }, "series")) stop.abort();
    };
    await expectRejection(reading(), "INTERRUPTED", /again/);
  });
});
