import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import { Publisher, Reply, Router } from "zeromq";
import { KalshiError, messageOf } from "../errors.js";
import { isObject } from "./nbformat.js";

/** What Jupyter writes into the connection file. */
export interface Connection {
  readonly transport: "tcp" | "ipc";
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  readonly key: string;
  readonly signature_scheme: string;
}

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

export interface Message {
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly parent: Header | Record<string, never>;
  readonly content: Record<string, unknown>;
}

/** The version of Jupyter's messaging protocol spoken here. */
export const protocolVersion = "5.4";

const delimiter = Buffer.from("<IDS|MSG>");

/** @throws KalshiError `KERNEL_SETUP` */
export function readConnection(file: string): Connection {
  const refuse = (what: string, cause?: unknown) =>
    new KalshiError("KERNEL_SETUP", `connection file ${file}: ${what}`, {
      hint: "kernels are started by Jupyter, which writes this file; run `kalshi-lab kernel install` and choose the kernel there",
      context: { file },
      cause,
    });
  let connection: Connection;
  try {
    connection = JSON.parse(readFileSync(file, "utf8")) as Connection;
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  const { key, signature_scheme: scheme } = connection;
  if (typeof connection.shell_port !== "number") throw refuse("it has no ports");
  if (key !== "" && scheme !== "hmac-sha256") throw refuse(`signatures by ${scheme} are not supported`);
  return connection;
}

/** The codec of one session's messages: frames of zeromq on one side, signed messages on the other. */
export class Codec {
  readonly #key: string;
  readonly #session = randomUUID();

  constructor(key: string) {
    this.#key = key;
  }

  /** The message in some frames, or why it is none. */
  decode(frames: readonly Buffer[]): Message | { readonly refused: string } {
    const at = frames.findIndex((frame) => frame.equals(delimiter));
    const [signature, header, parent, metadata, content] = frames.slice(at + 1);
    if (at < 0 || !signature || !header || !parent || !metadata || !content) {
      return { refused: `of ${frames.length} frames, which is no message` };
    }
    const expected = Buffer.from(this.#sign([header, parent, metadata, content]));
    if (expected.length !== signature.length || !timingSafeEqual(expected, signature)) {
      return { refused: "with a wrong signature" };
    }
    try {
      const [head, before, body] = [header, parent, content].map((part) => JSON.parse(part.toString()) as unknown);
      if (!isObject(head) || typeof head.msg_type !== "string" || typeof head.msg_id !== "string" || !isObject(body)) {
        return { refused: "whose header or content is not what it should be" };
      }
      return {
        identities: frames.slice(0, at),
        header: head as unknown as Header,
        parent: (isObject(before) ? before : {}) as unknown as Header,
        content: body,
      };
    } catch (error) {
      return { refused: `that is no JSON (${messageOf(error)})` };
    }
  }

  encode(
    type: string,
    content: object,
    parent: Message | null,
    identities: readonly (Buffer | string)[],
    id: string = randomUUID(),
  ): Frames {
    const header: Header = {
      msg_id: id,
      msg_type: type,
      session: this.#session,
      username: "kernel",
      date: new Date().toISOString(),
      version: protocolVersion,
    };
    const parts = [header, parent?.header ?? {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
    return [...identities, delimiter, this.#sign(parts), ...parts];
  }

  #sign(parts: readonly Buffer[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}

type Frames = (Buffer | string)[];
type Channel = "shell" | "control" | "stdin";

/** The five sockets of a kernel. Messages leave each in the order in which they were sent. */
export class Wire {
  readonly #codec: Codec;
  readonly #sockets = {
    shell: new Router(),
    control: new Router(),
    stdin: new Router(),
    // Without the limit, or a burst of output would silently be dropped.
    iopub: new Publisher({ sendHighWaterMark: 0 }),
    heartbeat: new Reply(),
  };
  /** zeromq allows one pending `send` per socket. */
  readonly #tails = new Map<string, Promise<void>>();

  constructor(key: string) {
    this.#codec = new Codec(key);
  }

  async bind(connection: Connection): Promise<void> {
    const { transport, ip } = connection;
    const address = (port: number) => (transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`);
    const { shell, control, stdin, iopub, heartbeat } = this.#sockets;
    await Promise.all([
      shell.bind(address(connection.shell_port)),
      control.bind(address(connection.control_port)),
      stdin.bind(address(connection.stdin_port)),
      iopub.bind(address(connection.iopub_port)),
      heartbeat.bind(address(connection.hb_port)),
    ]);
    void this.#beat();
  }

  /** Messages of a channel as they arrive. What is none, or has a wrong signature, is left out and complained of. */
  async *receive(channel: Channel): AsyncIterable<Message> {
    for await (const frames of this.#sockets[channel]) {
      const message = this.#codec.decode(frames);
      if ("refused" in message) this.complain(`left out a message on ${channel} ${message.refused}`);
      else yield message;
    }
  }

  /** Tells what belongs to no cell where Jupyter keeps what its kernels say. */
  complain(what: string): void {
    try {
      writeSync(2, `kalshi-lab kernel: ${what}\n`);
    } catch {
      // Nobody reads it.
    }
  }

  /** Sends a message to who sent the request, and returns its id. */
  reply(channel: Channel, request: Message, type: string, content: object): string {
    const id = randomUUID();
    this.#send(channel, this.#codec.encode(type, content, request, request.identities, id));
    return id;
  }

  publish(type: string, content: object, parent: Message | null): void {
    this.#send("iopub", this.#codec.encode(type, content, parent, [type]));
  }

  /** Sends what is still queued, then closes the sockets. */
  async close(): Promise<void> {
    await Promise.all(this.#tails.values());
    for (const socket of Object.values(this.#sockets)) {
      socket.linger = 500;
      socket.close();
    }
  }

  #send(channel: Channel | "iopub", frames: Frames): void {
    const socket = this.#sockets[channel];
    const tail = this.#tails.get(channel) ?? Promise.resolve();
    // A client that has gone away is no reason to stop.
    this.#tails.set(
      channel,
      tail.then(() => socket.send(frames)).catch(() => {}),
    );
  }

  async #beat(): Promise<void> {
    try {
      for await (const frames of this.#sockets.heartbeat) await this.#sockets.heartbeat.send(frames);
    } catch {
      // Closed.
    }
  }
}
