import { generateKeyPairSync } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { createSigner, type Signer } from "../../src/client/signing.js";

/** A command as it came, parsed. */
export interface Command {
  readonly id: number;
  readonly cmd: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One connection of the scripted exchange: says exactly what the test tells it to. */
export interface Scripted {
  readonly headers: IncomingHttpHeaders;
  readonly number: number;
  /** Commands received so far, and those to come. */
  readonly commands: Command[];
  /** Sends frames in one write. */
  send(...frames: (string | Buffer)[]): void;
  /** Pings received so far; each is answered. */
  pings(): number;
  /** Pongs received so far, asked for or not. */
  pongs(): number;
  /** Bytes handed to the connection that the other side has not taken yet. */
  unsent(): number;
  close(code: number): void;
  /** Cuts the connection without a closing frame. */
  cut(): void;
  /** Stops reading and answering, pongs included, without ending anything. */
  freeze(): void;
}

export interface Script {
  /** A connection is open. */
  open?(connection: Scripted): void;
  command?(connection: Scripted, command: Command): void;
  /** Refuses a handshake by returning an HTTP status and body, with a `Date` where one is given; null lets it in. */
  refuse?(request: IncomingMessage, attempt: number): { status: number; body: string; date?: string } | null;
}

export interface ScriptedServer {
  readonly url: string;
  readonly signer: Signer;
  readonly attempts: () => number;
  close(): Promise<void>;
}

/** Starts it on a free loopback port. */
export async function startScripted(script: Script): Promise<ScriptedServer> {
  const sockets = new WebSocketServer({ noServer: true });
  const streams = new Set<Socket>();
  const server = createServer();
  let attempts = 0;
  let connections = 0;
  server.on("connection", (stream) => {
    streams.add(stream);
    stream.on("close", () => streams.delete(stream));
  });
  server.on("upgrade", (request, stream, head) => {
    attempts += 1;
    const refusal = script.refuse?.(request, attempts) ?? null;
    if (refusal !== null) {
      const { status, body, date } = refusal;
      const head = [`HTTP/1.1 ${status} No`, `content-length: ${Buffer.byteLength(body)}`, "connection: close"];
      if (date !== undefined) head.push(`date: ${date}`);
      stream.end(`${head.join("\r\n")}\r\n\r\n${body}`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      connections += 1;
      const connection = scripted(socket, request, stream as Socket, connections);
      script.open?.(connection);
      socket.on("message", (data: Buffer) => {
        const command = JSON.parse(data.toString("utf8")) as Command;
        connection.commands.push(command);
        script.command?.(connection, command);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/trade-api/ws/v2`,
    signer: testSigner(),
    attempts: () => attempts,
    async close() {
      for (const stream of streams) stream.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A signer with a key of its own, made once. */
export function testSigner(): Signer {
  key ??= generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  return createSigner({ keyId: "test-key", privateKey: key });
}

let key: string | undefined;

/** Answers `subscribe` as the exchange does, one subscription per channel in the order asked for. */
export function acknowledge(connection: Scripted, command: Command): void {
  const channels = command.params.channels as string[];
  channels.forEach((channel, index) => {
    connection.send(`${JSON.stringify({ type: "subscribed", id: command.id, msg: { channel, sid: index + 1 } })}\n`);
  });
}

function scripted(socket: WebSocket, request: IncomingMessage, stream: Socket, number: number): Scripted {
  let pings = 0;
  let pongs = 0;
  socket.on("ping", () => {
    pings += 1;
  });
  socket.on("pong", () => {
    pongs += 1;
  });
  return {
    headers: request.headers,
    number,
    commands: [],
    send: (...frames) => {
      stream.cork();
      for (const frame of frames) socket.send(frame, { binary: false });
      stream.uncork();
    },
    pings: () => pings,
    pongs: () => pongs,
    unsent: () => socket.bufferedAmount,
    close: (code) => socket.close(code),
    cut: () => stream.destroy(),
    freeze: () => {
      stream.pause();
      socket.pause();
    },
  };
}
