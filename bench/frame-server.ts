import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import { benchTicker, deltaFrames } from "./delta-frames.js";

/**
 * Sends deltas as fast as they are taken, in a process of its own: `FRAMES MARKETS`. Prints its port. A subscription is answered by an
 * empty snapshot of every market, then the deltas, then `{"type":"bench_end"}`.
 */
const [frames, markets] = process.argv.slice(2).map(Number) as [number, number];
const AT_ONCE = 200;

// Made before anybody waits for them; a long stream is made as it goes.
const ready = frames <= 1_200_000 ? [...chunks()] : null;
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const server = createServer();
server.on("upgrade", (request, stream, head) => {
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on("message", (data) => {
      if (String(data).includes('"subscribe"')) void send(stream as Socket, JSON.parse(String(data)) as Subscribe);
    });
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));

interface Subscribe {
  readonly id: number;
}

async function send(stream: Socket, { id }: Subscribe): Promise<void> {
  let goOn = (): void => {};
  stream.on("drain", () => goOn());
  stream.on("close", () => goOn());
  const start = [`{"type":"subscribed","id":${id},"msg":{"channel":"orderbook_delta","sid":1}}\n`];
  for (let market = 0; market < markets; market += 1) {
    start.push(
      `{"type":"orderbook_snapshot","sid":1,"seq":${market + 1},"msg":{"market_ticker":"${benchTicker(market)}"}}\n`,
    );
  }
  stream.write(Buffer.concat(start.map(framed)));
  for (const chunk of ready ?? chunks()) {
    if (stream.destroyed) return;
    if (!stream.write(chunk))
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
  }
  if (!stream.destroyed) stream.write(framed('{"type":"bench_end"}\n'));
}

function* chunks(): Generator<Buffer> {
  let collected: Buffer[] = [];
  for (const text of deltaFrames(frames, markets, markets + 1)) {
    collected.push(framed(text));
    if (collected.length < AT_ONCE) continue;
    yield Buffer.concat(collected);
    collected = [];
  }
  yield Buffer.concat(collected);
}

/** A text frame as a server sends it. */
function framed(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(body.length < 126 ? 2 : 4);
  head[0] = 0x81;
  head[1] = body.length < 126 ? body.length : 126;
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}
