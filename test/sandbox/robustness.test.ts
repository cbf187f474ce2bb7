import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { signedHeaders } from "../support/sandbox-call.js";
import { type SandboxProcess, sandboxProcess } from "../support/sandbox-process.js";

/** Memory may grow by as much as this over everything that is done here. */
const MAX_GROWTH = 400 * 1024 * 1024;

describe("a sandbox among strangers", () => {
  let sandbox: SandboxProcess;
  let before = 0;
  beforeAll(async () => {
    sandbox = await sandboxProcess(["--tier", "prestige"]);
    await sandbox.member.call("GET", "/portfolio/balance");
    before = sandbox.memory();
  }, 60_000);
  afterAll(() => sandbox?.end());
  // Whatever was done to it, the next member is served, and it is still the same process.
  afterEach(async () => {
    expect((await sandbox.member.call("GET", "/portfolio/balance")).status).toBe(200);
    expect((await sandbox.member.control("GET", "/stats")).status).toBe(200);
    expect(sandbox.memory() - before).toBeLessThan(MAX_GROWTH);
    expect(sandbox.stderr()).toBe("");
  });

  const ports = () => [sandbox.ready.rest_url, sandbox.ready.control_url].map((url) => Number(new URL(url).port));

  /** Says something over a bare socket, and gives what was answered until the other side ends it, or `enough` of it. */
  function say(port: number, parts: Iterable<string | Buffer>, enough = /\r\n\r\n[\s\S]/): Promise<string> {
    return new Promise((resolve) => {
      let heard = "";
      const socket = connect(port, "127.0.0.1", async () => {
        for (const part of parts) {
          if (socket.destroyed) break;
          if (!socket.write(part)) await drained(socket);
        }
      });
      socket.setTimeout(30_000, () => socket.destroy());
      socket.on("data", (bytes) => {
        heard += bytes.toString("latin1");
        if (enough.test(heard)) socket.destroy();
      });
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(heard));
    });
  }
  const drained = (socket: Socket) =>
    new Promise<void>((resolve) => {
      const done = () => {
        socket.off("drain", done).off("close", done);
        resolve();
      };
      socket.on("drain", done).on("close", done);
    });
  function* repeated(head: string, part: string | Buffer, times: number, tail = "") {
    yield head;
    for (let n = 0; n < times; n += 1) yield part;
    yield tail;
  }
  const GET = "GET /trade-api/v2/exchange/status HTTP/1.1\r\nhost: 127.0.0.1\r\n";
  const POST = "POST /trade-api/v2/portfolio/events/orders HTTP/1.1\r\nhost: 127.0.0.1\r\n";

  it.each([
    ["junk", ["\x00\x01\x02\xff\r\n\r\n"]],
    ["TLS", [Buffer.from("160301020001000001fc0303", "hex"), Buffer.alloc(600, 7)]],
    ["an unknown version", ["GET / HTTP/9.9\r\n\r\n"]],
    ["a method that is none", ["FETCH / HTTP/1.1\r\n\r\n"]],
    ["a header without a name", [`${GET}: x\r\n\r\n`]],
    ["two lengths", [`${POST}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`]],
    ["a length and chunks", [`${POST}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`]],
    ["a chunk without a size", [`${POST}transfer-encoding: chunked\r\n\r\nzz\r\n`]],
    ["a length below zero", [`${POST}content-length: -1\r\n\r\n`]],
  ])("answers %s with 400 and the exchange's kind of body", async (_, parts) => {
    for (const port of ports()) {
      const [head, body] = (await say(port, parts)).split("\r\n\r\n");
      expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json/);
      expect(JSON.parse(body ?? "")).toEqual({ error: { code: "bad_request", message: "malformed HTTP request" } });
    }
  });

  it.each([
    ["a path of percent signs", `GET /trade-api/v2/markets/%zz%%00 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`],
    ["a path of two slashes", "GET // HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"],
    ["a whole URL", "GET http://elsewhere.example/ HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"],
    ["an asterisk", "OPTIONS * HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"],
    ["a query of junk", `GET /trade-api/v2/markets?limit=%&cursor=%ff&&&=&[]=1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`],
    ["an upgrade to what it does not speak", `${GET}connection: upgrade\r\nupgrade: h2c\r\n\r\n`],
    ["a WebSocket handshake without a key", `${GET}connection: upgrade\r\nupgrade: websocket\r\n\r\n`],
  ])("answers %s with a status", async (_, request) => {
    for (const port of ports()) expect(await say(port, [request])).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
  });

  it("refuses a million headers with 431, and one header of a hundred megabytes", async () => {
    for (const port of ports()) {
      const many = repeated(GET, "a: b\r\n".repeat(1_000), 1_000, "\r\n");
      expect(await say(port, many)).toMatch(/^HTTP\/1\.1 431 .*"request_headers_too_large"/s);
      const long = repeated(`${GET}a: `, "b".repeat(1_000_000), 100, "\r\n\r\n");
      expect(await say(port, long)).toMatch(/^HTTP\/1\.1 431 /);
    }
  });

  it("refuses huge bodies, with a length and in chunks, without keeping them", async () => {
    const key = { id: sandbox.ready.key_id, pem: readFileSync(sandbox.ready.private_key_path, "utf8") };
    const signed = signedHeaders(key, "POST", "/trade-api/v2/portfolio/events/orders");
    const headers = Object.entries(signed).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `${POST}${headers.join("")}content-type: application/json\r\n`;
    const megabyte = "x".repeat(1_000_000);
    const [rest, control] = ports();
    const whole = repeated(`${head}content-length: 300000000\r\n\r\n`, megabyte, 300);
    expect(await say(rest!, whole)).toMatch(/^HTTP\/1\.1 400 .*request body too large/s);
    const chunked = repeated(
      `${head}transfer-encoding: chunked\r\n\r\n`,
      `${megabyte.length.toString(16)}\r\n${megabyte}\r\n`,
      300,
      "0\r\n\r\n",
    );
    expect(await say(rest!, chunked)).toMatch(/^HTTP\/1\.1 400 .*request body too large/s);
    const plan = "POST /faults HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 300000000\r\n\r\n";
    expect(await say(control!, repeated(plan, megabyte, 300))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("refuses deep and odd JSON as an order, and goes on", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    for (const body of [deep, "null", "[]", '"x"', "{", '{"__proto__": {"count": 1}}', "\ufeff{}", "1e999"]) {
      const { status } = await sandbox.member.call("POST", "/portfolio/events/orders", body);
      expect(status, body.slice(0, 20)).toBe(400);
      expect((await sandbox.member.control("POST", "/faults", body)).status, body.slice(0, 20)).toBe(400);
    }
  });

  it("closes sockets that say nothing, or only half a request, while others are served", async () => {
    const halves: Promise<string>[] = [];
    for (let n = 0; n < 300; n += 1) {
      halves.push(say(ports()[n % 2]!, [["", "GET /trade-api/v2/", `${GET}x-half: `][n % 3]!], /$^/));
    }
    expect((await sandbox.member.call("GET", "/exchange/status")).status).toBe(200);
    const answers = await Promise.all(halves);
    for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
  }, 45_000);

  it("answers junk frames with error 1, ends a connection that breaks the protocol, and goes on", async () => {
    const client = await sandbox.member.connect();
    const junk = ["", "\0", "{", "[]", "null", '{"id":"x"}', '{"id":-1,"cmd":"subscribe"}', "x".repeat(1_000_000)];
    for (const text of junk) client.send(text);
    client.socket.send(Buffer.from([0, 255, 254]));
    client.send({ id: 77, cmd: "list_subscriptions" });
    await client.find(({ id }) => id === 77);
    const errors = client.frames.filter(({ type }) => type === "error");
    expect(errors.length).toBeGreaterThanOrEqual(junk.length);
    for (const { msg } of errors) expect(msg.code).toBe(1);
    const closed = new Promise((resolve) => client.socket.once("close", resolve));
    // A masked frame of a reserved opcode, written past the library.
    const raw: unknown = Reflect.get(client.socket, "_socket");
    (raw as Socket).write(Buffer.from([0x8f, 0x80, 1, 2, 3, 4]));
    await closed;
  });

  it("bears 10,000 subscriptions and as many commands on one connection", async () => {
    const client = await sandbox.member.connect();
    const market_tickers = Array.from({ length: 10_000 }, (_, n) => `NOWHERE-${n}`);
    client.send({ id: 1, cmd: "subscribe", params: { channels: ["orderbook_delta"], market_tickers } });
    await client.find(({ type, msg }) => type === "orderbook_snapshot" && msg.market_ticker === "NOWHERE-9999");
    for (let id = 2; id < 5_002; id += 1) {
      client.send({ id, cmd: "subscribe", params: { channels: ["ticker", "trade"], market_ticker: `OTHER-${id}` } });
      client.send({ id: id + 10_000, cmd: "unsubscribe", params: { sids: [id] } });
    }
    client.send({ id: 99_999, cmd: "list_subscriptions" });
    await client.find(({ id }) => id === 99_999);
    client.socket.terminate();
  }, 60_000);
});
