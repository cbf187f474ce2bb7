import { type Entry, History } from "./history.js";
import { language, packageVersion } from "./language.js";
import type { InputAnswer, Outcome, Output, Question } from "./messages.js";
import { isObject } from "./nbformat.js";
import type { Asker, Session } from "./session.js";
import { StreamBuffer } from "./stream.js";
import { type Message, protocolVersion, readConnection, Wire } from "./wire.js";

/** Answers a Jupyter client until it asks for the shutdown. */
export async function serve(session: Session, connectionFile: string): Promise<void> {
  const connection = readConnection(connectionFile);
  const wire = new Wire(connection.key);
  const kernel = new Kernel(session, wire);
  await wire.bind(connection);
  wire.publish("status", { execution_state: "starting" }, null);
  const stopOrphan = endWithParent(() => kernel.stop());
  void kernel.listen("shell");
  void kernel.listen("control");
  void kernel.listenToAnswers();
  await kernel.stopped;
  clearInterval(stopOrphan);
  // A loop that never ends would not let the process end in order.
  await session.interrupt();
  await wire.close();
}

type Channel = "shell" | "control";
type Content = Record<string, unknown>;

/** What the protocol has no reply for. */
const unanswered = new Set(["comm_msg", "comm_close"]);

/** The requests of Jupyter's protocol. Cells queue up; everything else is answered while they run. */
class Kernel {
  readonly #session: Session;
  readonly #wire: Wire;
  readonly #history = new History();
  readonly #streams: StreamBuffer<Message>;
  readonly #stop = Promise.withResolvers<void>();
  readonly stopped = this.#stop.promise;
  /** By the id of the `input_request`. */
  readonly #questions = new Map<string, (answer: InputAnswer) => void>();
  #queue: Message[] = [];
  #isWorking = false;
  /** The cell that clients have been told to be busy with, and not yet to be done. */
  #running: Message | null = null;
  #count = 0;

  constructor(session: Session, wire: Wire) {
    this.#session = session;
    this.#wire = wire;
    this.#streams = new StreamBuffer((request, { name, text }) => wire.publish("stream", { name, text }, request));
    session.onSigint = () => void session.interrupt();
  }

  /** Answers to questions, each to the question that its client was asked. */
  async listenToAnswers(): Promise<void> {
    for await (const { header, parent, content } of this.#wire.receive("stdin")) {
      if (header.msg_type !== "input_reply") continue;
      // Some clients name no question: then it is the only one there is. One that names another comes too late.
      const id = parent.msg_id === undefined ? this.#questions.keys().next().value : String(parent.msg_id);
      if (id === undefined) continue;
      this.#questions.get(id)?.({ value: String(content.value ?? "") });
      this.#questions.delete(id);
    }
  }

  async listen(channel: Channel): Promise<void> {
    for await (const request of this.#wire.receive(channel)) {
      if (request.header.msg_type === "execute_request") this.#enqueue(request);
      else void this.#answer(channel, request);
    }
  }

  stop(): void {
    this.#streams.flush();
    this.#stop.resolve();
  }

  /** Cells are not waited for here, so that an interrupt is never behind what it should interrupt. */
  async #answer(channel: Channel, request: Message): Promise<void> {
    this.#status("busy", request);
    const type = request.header.msg_type.replace(/_request$/, "_reply");
    try {
      const content = await this.#contentOf(request);
      if (content !== null) this.#wire.reply(channel, request, type, content);
    } catch (error) {
      const evalue = error instanceof Error ? error.message : String(error);
      this.#wire.reply(channel, request, type, { status: "error", ename: "KernelError", evalue, traceback: [evalue] });
    }
    this.#status("idle", request);
    // Clients show the last state they heard of, and a cell may still be running.
    if (this.#running !== null) this.#status("busy", this.#running);
    if (request.header.msg_type === "kernel_info_request") this.#session.warmUpSoon();
    if (request.header.msg_type === "shutdown_request") this.stop();
  }

  /** The reply; null for messages that have none. */
  async #contentOf({ header, content }: Message): Promise<object | null> {
    const code = typeof content.code === "string" ? content.code : "";
    switch (header.msg_type) {
      case "kernel_info_request":
        return kernelInfo();
      case "interrupt_request":
        await this.#session.interrupt();
        return { status: "ok" };
      case "shutdown_request":
        return { status: "ok", restart: content.restart === true };
      case "is_complete_request":
        return await this.#session.isComplete(code);
      case "complete_request": {
        const cursor = utf16Index(code, content.cursor_pos);
        const { start, end, matches, kinds } = await this.#session.complete(code, cursor);
        const [cursor_start, cursor_end] = [codePoints(code.slice(0, start)), codePoints(code.slice(0, end))];
        // JupyterLab shows these; the name says that the protocol has not settled on it yet.
        const types = matches.map((text, at) => ({
          text,
          type: kinds[at] ?? "",
          start: cursor_start,
          end: cursor_end,
        }));
        const metadata = { _jupyter_types_experimental: types };
        return { status: "ok", matches, cursor_start, cursor_end, metadata };
      }
      case "inspect_request": {
        const text = await this.#session.inspect(code, utf16Index(code, content.cursor_pos));
        return { status: "ok", found: text !== null, data: text === null ? {} : { "text/plain": text }, metadata: {} };
      }
      case "history_request":
        return this.#history.reply(content);
      case "comm_info_request":
        return { status: "ok", comms: {} };
      case "comm_open":
        this.#wire.publish("comm_close", { comm_id: content.comm_id, data: {} }, null);
        return null;
      default:
        if (!unanswered.has(header.msg_type)) this.#wire.complain(`no answer to a message of type ${header.msg_type}`);
        return null;
    }
  }

  #enqueue(request: Message): void {
    this.#queue.push(request);
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
      const { failed } = await this.#execute(request);
      if (failed && request.content.stop_on_error !== false) this.#abortQueue();
    }
    this.#isWorking = false;
  }

  /** What was sent before the failure was known was meant to follow a success. */
  #abortQueue(): void {
    for (const request of this.#queue.splice(0)) {
      this.#status("busy", request);
      const error = { ename: "Aborted", evalue: "an earlier cell failed", traceback: [] };
      this.#wire.reply("shell", request, "execute_reply", {
        status: "aborted",
        execution_count: this.#count,
        ...error,
      });
      this.#status("idle", request);
    }
  }

  async #execute(request: Message): Promise<{ failed: boolean }> {
    const code = typeof request.content.code === "string" ? request.content.code : "";
    const silent = request.content.silent === true;
    this.#status("busy", request);
    this.#running = request;
    let entry: Entry | null = null;
    if (!silent && request.content.store_history !== false) {
      this.#count += 1;
      entry = this.#history.add(this.#count, code);
    }
    const execution_count = this.#count;
    if (!silent) this.#wire.publish("execute_input", { code, execution_count }, request);
    const listen = (output: Output) => {
      if (!silent) this.#output(request, output);
    };
    const outcome = await this.#run(code, `Cell[${this.#count}]`, listen, (question) => this.#ask(request, question));
    this.#questions.clear();
    const user_expressions = outcome.status === "ok" ? await this.#expressions(request.content.user_expressions) : {};
    this.#streams.flush();
    if (outcome.status === "error") {
      if (!silent) this.#wire.publish("error", outcome.error, request);
      this.#wire.reply("shell", request, "execute_reply", { status: "error", execution_count, ...outcome.error });
    } else {
      const { result } = outcome;
      if (entry !== null && result !== null) entry.output = String(result["text/plain"] ?? "");
      if (!silent && result !== null) {
        this.#wire.publish("execute_result", { data: result, metadata: {}, execution_count }, request);
      }
      const content = { status: "ok", execution_count, user_expressions, payload: [] };
      this.#wire.reply("shell", request, "execute_reply", content);
    }
    this.#running = null;
    this.#status("idle", request);
    return { failed: outcome.status === "error" };
  }

  #run(code: string, label: string, listen: (output: Output) => void, ask?: Asker): Promise<Outcome> {
    if (code.trim() === "") return Promise.resolve({ status: "ok", result: null });
    return this.#session.execute(code, label, listen, ask === undefined ? {} : { ask });
  }

  #ask(request: Message, { prompt, password }: Question): Promise<InputAnswer> {
    if (request.content.allow_stdin !== true) {
      return Promise.resolve({ refused: "this client cannot be asked: set what is asked for as a variable" });
    }
    this.#streams.flush();
    const id = this.#wire.reply("stdin", request, "input_request", { prompt, password });
    const { promise, resolve } = Promise.withResolvers<InputAnswer>();
    this.#questions.set(id, resolve);
    return promise;
  }

  async #expressions(asked: unknown): Promise<Content> {
    const replies: Content = {};
    for (const [name, code] of Object.entries(isObject(asked) ? asked : {})) {
      if (typeof code !== "string") continue;
      const outcome = await this.#run(`(${code})`, "Expression", () => {});
      replies[name] =
        outcome.status === "ok"
          ? { status: "ok", data: outcome.result ?? { "text/plain": "undefined" }, metadata: {} }
          : { status: "error", ...outcome.error };
    }
    return replies;
  }

  #output(request: Message, output: Output): void {
    if (output.type === "stream") {
      this.#streams.write(request, output);
      return;
    }
    this.#streams.flush();
    if (output.type === "clear") {
      this.#wire.publish("clear_output", { wait: output.wait }, request);
      return;
    }
    const type = output.type === "update" ? "update_display_data" : "display_data";
    const transient = output.displayId === null ? {} : { display_id: output.displayId };
    this.#wire.publish(type, { data: output.data, metadata: {}, transient }, request);
  }

  #status(execution_state: "busy" | "idle", request: Message): void {
    if (execution_state === "idle") this.#streams.flush();
    this.#wire.publish("status", { execution_state }, request);
  }
}

function kernelInfo(): object {
  return {
    status: "ok",
    protocol_version: protocolVersion,
    implementation: "kalshi-lab",
    implementation_version: packageVersion,
    language_info: language,
    banner: `Kalshi Lab ${packageVersion}: TypeScript ${language.version} on Node ${process.versions.node}`,
    help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
    debugger: false,
  };
}

/** Jupyter counts positions in code points, JavaScript in UTF-16 units. */
function utf16Index(text: string, position: unknown): number {
  if (typeof position !== "number") return text.length;
  return [...text].slice(0, position).join("").length;
}

function codePoints(text: string): number {
  return [...text].length;
}

/** Ends a kernel whose Jupyter server was killed, as Jupyter's own kernels do. */
function endWithParent(end: () => void): NodeJS.Timeout | undefined {
  if (process.env.JPY_PARENT_PID === undefined || process.platform === "win32") return undefined;
  const timer = setInterval(() => {
    if (process.ppid === 1) end();
  }, 2_000);
  return timer.unref();
}
