import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import { attachChannels, type Channels, type ChannelsOptions } from "../../src/sandbox/socket/channels.js";
import type { AccountRef, Json } from "../../src/sandbox/types.js";

/** A frame as received. */
export interface Frame {
  readonly type: string;
  readonly id?: number;
  readonly sid?: number;
  readonly seq?: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into frames freely
  readonly msg?: any;
  readonly sending_ts_ms?: number;
}

/** A client that keeps all it was sent. */
export interface Client {
  readonly frames: Frame[];
  readonly texts: string[];
  readonly pings: string[];
  readonly socket: WebSocket;
  send(command: Json | string): void;
  /** The first frame that fits, among those received or to come. */
  find(fits: (frame: Frame) => boolean): Promise<Frame>;
  /** Resolves once the server has sent a ping. */
  pinged(): Promise<void>;
  /** Resolves with the close code once the connection has ended; 1006 where no close frame came. */
  readonly closed: Promise<number>;
  /** Resolves once everything sent so far has been answered. */
  settled(): Promise<void>;
}

export interface Served {
  readonly server: Server;
  readonly url: string;
  readonly channels: Channels;
  connect(account: AccountRef, offersCompression?: boolean): Promise<Client>;
  close(): Promise<void>;
}

/** Serves the channels of an engine on loopback, with the user id in the place of a signature. */
export async function serveChannels(options: Omit<ChannelsOptions, "path" | "authenticate">): Promise<Served> {
  const server = createServer();
  const channels = attachChannels(server, {
    ...options,
    path: "/trade-api/ws/v2",
    authenticate: (headers) => {
      const userId = headers["kalshi-access-key"];
      if (typeof userId === "string") return { account: { userId, keyId: userId } };
      return { reply: { status: 401, body: { code: "token_authentication_failure" } } };
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/trade-api/ws/v2`;
  return {
    server,
    url,
    channels,
    connect: (account, compresses) => openClient(url, { "KALSHI-ACCESS-KEY": account.userId }, compresses),
    async close() {
      channels.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function openClient(url: string, headers: Record<string, string>, compresses = false): Promise<Client> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: compresses });
  const frames: Frame[] = [];
  const texts: string[] = [];
  const pings: string[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data) => {
    const text = data.toString();
    texts.push(text);
    frames.push(JSON.parse(text));
    for (const look of [...waiting]) look();
  });
  socket.on("ping", (data) => {
    pings.push(data.toString());
    for (const look of [...waiting]) look();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!done()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  let marks = 1_000_000;
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  const client: Client = {
    frames,
    texts,
    pings,
    socket,
    closed,
    pinged: () => until(() => pings.length > 0),
    send: (command) => socket.send(typeof command === "string" ? command : JSON.stringify(command)),
    async find(fits) {
      await until(() => frames.some(fits));
      return frames.find(fits) as Frame;
    },
    async settled() {
      marks += 1;
      const id = marks;
      client.send({ id, cmd: "list_subscriptions" });
      await until(() => frames.some((frame) => frame.id === id));
      frames.splice(
        frames.findIndex((frame) => frame.id === id),
        1,
      );
    },
  };
  return client;
}
