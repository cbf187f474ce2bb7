import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Request, Subscriber } from "zeromq";
import { kernelArguments } from "../../src/kernel/arguments.js";

export interface JupyterMessage {
  readonly type: string;
  readonly parent: string;
  readonly content: Record<string, unknown>;
}

type Channel = "shell" | "control" | "stdin";

interface KernelProcess {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another program than Node. */
  readonly command?: string;
  /** Arguments of another kernel than ours, by its connection file. */
  readonly args?: (connectionFile: string) => readonly string[];
}

export interface Execution {
  readonly reply: Record<string, unknown>;
  /** Everything published for this cell but its states, up to `idle`. */
  readonly outputs: readonly JupyterMessage[];
  /** All text written to standard output. */
  readonly stdout: string;
}

/** A client of one kernel process over loopback sockets, as small as the tests allow. */
export class JupyterClient {
  readonly child: ChildProcess;
  /** What the process has written to its standard error. */
  log = "";
  /** Questions of cells, as they came. */
  readonly questions: (JupyterMessage & { id: string })[] = [];
  readonly #key: string;
  readonly #folder: string;
  /** The same name on both, as the kernel sends questions to who sent the cell. */
  readonly #shell: Dealer;
  readonly #stdin: Dealer;
  readonly #control = new Dealer();
  readonly #iopub = new Subscriber();
  readonly #heartbeat = new Request();
  readonly #published: JupyterMessage[] = [];
  /** All replies, as they came. */
  readonly replies: JupyterMessage[] = [];
  readonly #replies = new Map<string, JupyterMessage>();
  #changed = Promise.withResolvers<void>();
  #ended: string | null = null;

  private constructor(child: ChildProcess, key: string, folder: string) {
    const routingId = randomUUID();
    this.#shell = new Dealer({ routingId });
    this.#stdin = new Dealer({ routingId });
    this.child = child;
    this.#key = key;
    this.#folder = folder;
  }

  /** A kernel that has answered and whose output is heard. */
  static async start(options: KernelProcess = {}): Promise<JupyterClient> {
    const folder = await mkdtemp(join(tmpdir(), "kalshi-kernel-"));
    const key = randomUUID();
    const [shell, control, iopub, stdin, heartbeat] = await freePorts(5);
    const file = join(folder, "connection.json");
    const ports = {
      shell_port: shell,
      control_port: control,
      iopub_port: iopub,
      stdin_port: stdin,
      hb_port: heartbeat,
    };
    const rest = { transport: "tcp", ip: "127.0.0.1", key, signature_scheme: "hmac-sha256" };
    await writeFile(file, JSON.stringify({ ...ports, ...rest }));
    const child = spawn(options.command ?? process.execPath, options.args?.(file) ?? [...kernelArguments(), file], {
      cwd: options.cwd ?? folder,
      // As Jupyter does: so a kernel ends also where who tests it was killed.
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const client = new JupyterClient(child, key, folder);
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      client.log += text;
      client.#notify();
    });
    child.stdout!.resume();
    // Once what it said last has been read.
    child.on("close", (code, signal) => {
      client.#ended = String(signal ?? code);
      client.#notify();
    });
    client.#stdin.connect(`tcp://127.0.0.1:${stdin}`);
    client.#shell.connect(`tcp://127.0.0.1:${shell}`);
    client.#control.connect(`tcp://127.0.0.1:${control}`);
    client.#heartbeat.connect(`tcp://127.0.0.1:${heartbeat}`);
    client.#iopub.connect(`tcp://127.0.0.1:${iopub}`);
    client.#iopub.subscribe();
    void client.#hear();
    void client.#read(client.#shell);
    void client.#read(client.#control);
    void client.#listen();
    // What is published before the subscription has arrived is lost, so ask until an answer is heard.
    for (let heard = false; !heard; ) {
      const id = await client.send("kernel_info_request", {});
      await client.reply(id);
      heard = client.#published.some((message) => message.parent === id);
    }
    return client;
  }

  /** Sends a request and returns its id. */
  async send(type: string, content: object, channel: Channel = "shell", key = this.#key, parent = {}): Promise<string> {
    const id = randomUUID();
    const date = new Date().toISOString();
    const header = { msg_id: id, msg_type: type, session: "test", username: "test", date, version: "5.4" };
    await this.sendParts(
      [header, parent, {}, content].map((part) => JSON.stringify(part)),
      channel,
      key,
    );
    return id;
  }

  /** Sends header, parent, metadata and content as they are, signed. */
  async sendParts(parts: readonly string[], channel: Channel = "shell", key = this.#key): Promise<void> {
    const signature = createHmac("sha256", key).update(parts.join("")).digest("hex");
    await this.sendFrames(["<IDS|MSG>", signature, ...parts], channel);
  }

  async sendFrames(frames: readonly string[], channel: Channel = "shell"): Promise<void> {
    const socket = { shell: this.#shell, control: this.#control, stdin: this.#stdin }[channel];
    await socket.send([...frames]);
  }

  replied(id: string): boolean {
    return this.#replies.has(id);
  }

  async reply(id: string): Promise<Record<string, unknown>> {
    await this.until(() => this.#replies.has(id) || this.#ended !== null);
    const reply = this.#replies.get(id) ?? null;
    if (reply === null) throw new Error(`the kernel ended (${this.#ended}) without a reply\n${this.log}`);
    return reply.content;
  }

  async ask(type: string, content: object, channel: "shell" | "control" = "shell"): Promise<Record<string, unknown>> {
    return this.reply(await this.send(type, content, channel));
  }

  async execute(code: string, options: object = {}): Promise<Execution> {
    return this.finished(await this.send("execute_request", { code, ...options }));
  }

  /** The whole of a request: its reply and its output. */
  async finished(id: string): Promise<Execution> {
    const reply = await this.reply(id);
    await this.until(() => this.published(id).some((message) => message.content.execution_state === "idle"));
    const outputs = this.published(id).filter((message) => message.type !== "status");
    return { reply, outputs, stdout: stdoutOf(outputs) };
  }

  published(id: string): JupyterMessage[] {
    return this.#published.filter((message) => message.parent === id);
  }

  stdout(id: string): string {
    return stdoutOf(this.published(id));
  }

  /** Resolves when the condition holds, looked at after every message. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  async beat(text: string): Promise<string> {
    await this.#heartbeat.send(text);
    const [answer] = await this.#heartbeat.receive();
    return String(answer);
  }

  /** How the process ended. */
  async exit(): Promise<{ code: number | null; signal: string | null }> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.exit();
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub, this.#heartbeat]) {
      socket.linger = 0;
      socket.close();
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #hear(): Promise<void> {
    for await (const [, ...frames] of this.#iopub) {
      this.#published.push(decode(frames));
      this.#notify();
    }
  }

  async #listen(): Promise<void> {
    for await (const frames of this.#stdin) {
      const [header] = frames.slice(frames.findIndex((frame) => frame.toString() === "<IDS|MSG>") + 2);
      const { msg_id: id } = JSON.parse(String(header)) as { msg_id: string };
      this.questions.push({ ...decode(frames), id });
      this.#notify();
    }
  }

  async #read(socket: Dealer): Promise<void> {
    for await (const frames of socket) {
      const message = decode(frames);
      this.replies.push(message);
      this.#replies.set(message.parent, message);
      this.#notify();
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function stdoutOf(messages: readonly JupyterMessage[]): string {
  const writes = messages.filter(({ type, content }) => type === "stream" && content.name === "stdout");
  return writes.map(({ content }) => content.text).join("");
}

function decode(frames: readonly Buffer[]): JupyterMessage {
  const parts = frames.slice(frames.findIndex((frame) => frame.toString() === "<IDS|MSG>") + 2);
  const [header, parent, , content] = parts.map((part) => JSON.parse(part.toString()) as Record<string, unknown>);
  return { type: String(header?.msg_type), parent: String(parent?.msg_id), content: content ?? {} };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
