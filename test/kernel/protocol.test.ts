import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JupyterClient } from "../support/jupyter-client.js";

let kernel: JupyterClient;

beforeAll(async () => {
  kernel = await JupyterClient.start();
});

afterAll(() => kernel.close());

const hook = `globalThis[Symbol.for("kalshi-lab.notebook")]`;

/** Sends a cell and waits for its first output. */
async function begin(code: string, options: object = {}): Promise<string> {
  const id = await kernel.send("execute_request", { code: `console.log("begun"); ${code}`, ...options });
  await kernel.until(() => kernel.stdout(id).startsWith("begun\n"));
  return id;
}

describe("a question of a cell", () => {
  const asking = { allow_stdin: true };

  it("is put to the client, and its answer is the cell's", async () => {
    const id = await kernel.send("execute_request", {
      code: `console.log("before"); const name = await input("name? "); \`\${name}!\``,
      ...asking,
    });
    await kernel.until(() => kernel.questions.some(({ parent }) => parent === id));
    const question = kernel.questions.at(-1)!;
    expect(question).toMatchObject({ type: "input_request", content: { prompt: "name? ", password: false } });
    expect(kernel.stdout(id)).toBe("before\n");
    await kernel.send("input_reply", { value: "Ada" }, "stdin", undefined, { msg_id: question.id });
    const { reply, outputs } = await kernel.finished(id);
    expect(reply.status).toBe("ok");
    expect(outputs.at(-1)?.content.data).toEqual({ "text/plain": "'Ada!'" });
  });

  it("can be a password, and can be one of several", async () => {
    const id = await kernel.send("execute_request", {
      code: `[await input("one"), await input("two", { password: true })].join("+")`,
      ...asking,
    });
    for (const value of ["a", "b"]) {
      await kernel.until(
        () => kernel.questions.filter(({ parent }) => parent === id).length === (value === "a" ? 1 : 2),
      );
      await kernel.send("input_reply", { value }, "stdin");
    }
    expect(kernel.questions.at(-1)?.content).toEqual({ prompt: "two", password: true });
    expect((await kernel.finished(id)).outputs.at(-1)?.content.data).toEqual({ "text/plain": "'a+b'" });
  });

  it("fails where the client cannot be asked", async () => {
    const { reply } = await kernel.execute("await input('name?')");
    expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining("cannot be asked") });
  });

  it("is given up with the cell that asked it, and a late answer disturbs nothing", async () => {
    const id = await begin("await input('?')", asking);
    await kernel.until(() => kernel.questions.some(({ parent }) => parent === id));
    await kernel.ask("interrupt_request", {}, "control");
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted");
    const late = kernel.questions.at(-1)!.id;
    await kernel.send("input_reply", { value: "late" }, "stdin");
    const next = await begin("await input('another?')", asking);
    await kernel.until(() => kernel.questions.some(({ parent }) => parent === next));
    // It goes by the question's own id, on the channel where the other answer comes after it.
    await kernel.send("input_reply", { value: "late" }, "stdin", undefined, { msg_id: late });
    await kernel.send("input_reply", { value: "mine" }, "stdin", undefined, { msg_id: kernel.questions.at(-1)!.id });
    expect((await kernel.finished(next)).outputs.at(-1)?.content.data).toEqual({ "text/plain": "'mine'" });
  });
});

describe("an interrupted cell", () => {
  it("tells by a signal what it began, and leaves the state of earlier ones", async () => {
    await kernel.execute("let told = 'nothing';");
    const id = await begin(
      `${hook}.signal.addEventListener("abort", () => { told = "stop" }); await new Promise(() => {})`,
    );
    await kernel.ask("interrupt_request", {}, "control");
    await kernel.finished(id);
    expect((await kernel.execute("told")).outputs.at(-1)?.content.data).toEqual({ "text/plain": "'stop'" });
    expect((await kernel.execute(`${hook}.signal.aborted`)).outputs.at(-1)?.content.data).toEqual({
      "text/plain": "false",
    });
  });

  it("ends requests of the library that it is waiting for, where the exchange sees it", async () => {
    const dropped = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const server = createServer((request) => {
      request.socket.on("close", () => dropped.resolve());
      asked.resolve();
    }).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/trade-api/v2`;
    const id = await begin(
      `const { connect } = await import("kalshi-lab");
       const lab = await connect({ env: "sandbox", restUrl: ${JSON.stringify(restUrl)}, cache: false, timeoutMs: 600_000 });
       await lab.series()`,
    );
    await asked.promise;
    await kernel.ask("interrupt_request", {}, "control");
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted");
    await dropped.promise;
    expect((await kernel.execute("'alive'")).reply.status).toBe("ok");
    // What was abandoned says nothing of its own.
    expect(kernel.published(id).filter(({ content }) => content.name === "stderr")).toEqual([]);
    await new Promise((closed) => server.close(closed));
  });

  it("is told so when it goes on and asks for a signal only then, and the library asks the exchange nothing more", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(200, { "content-type": "application/json" }).end('{"series":[]}');
    }).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/trade-api/v2`;
    await kernel.execute("let goOn = () => {}; let became = 'nothing';");
    const id = await begin(
      `const { connect } = await import("kalshi-lab");
       const lab = await connect({ env: "sandbox", restUrl: ${JSON.stringify(restUrl)}, cache: false });
       const first = new Promise<void>((resolve) => { goOn = resolve });
       console.log("waits");
       await first;
       try { await lab.series(); became = "an answer" } catch (error) { became = "stopped" }`,
    );
    await kernel.until(() => kernel.stdout(id).includes("waits"));
    await kernel.ask("interrupt_request", {}, "control");
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted");
    await kernel.execute(
      "goOn(); for (let i = 0; became === 'nothing' && i < 500; i += 1) await new Promise((r) => setTimeout(r, 10))",
    );
    expect((await kernel.execute("became")).outputs.at(-1)?.content.data).toEqual({ "text/plain": "'stopped'" });
    expect(asked).toBe(0);
    await new Promise((closed) => server.close(closed));
  });

  it("aborts what waits behind it, and nothing that is sent afterwards", async () => {
    const first = await begin("await new Promise(() => {})");
    const waiting = [
      await kernel.send("execute_request", { code: "1" }),
      await kernel.send("execute_request", { code: "2" }),
    ];
    await kernel.ask("kernel_info_request", {}); // both have arrived when this is answered
    await kernel.ask("interrupt_request", {}, "control");
    await kernel.finished(first);
    for (const id of waiting) {
      const { reply, outputs } = await kernel.finished(id);
      expect(reply.status).toBe("aborted");
      expect(outputs).toEqual([]);
    }
    expect((await kernel.execute("3")).reply.status).toBe("ok");
  });

  it("is one that is still being compiled, too, and never runs", async () => {
    // Types that have not been read yet: a second's work.
    const code = 'import { compile } from "vega-lite"; console.log("ran", compile); await new Promise(() => {})';
    const id = await kernel.send("execute_request", { code });
    // Only then is there something to interrupt: control and shell know no order between them.
    await kernel.until(() => kernel.published(id).some(({ type }) => type === "execute_input"));
    await kernel.ask("interrupt_request", {}, "control");
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted");
    await kernel.execute("0");
    expect(kernel.stdout(id)).toBe("");
  });
});

describe("what a cell shows", () => {
  it("is cleared at once, or when the next output comes", async () => {
    const { outputs } = await kernel.execute(
      `console.log("a"); ${hook}.clear(); ${hook}.clear({ wait: true }); console.log("b")`,
    );
    expect(outputs.slice(1).map(({ type, content }) => [type, content.wait ?? content.text])).toEqual([
      ["stream", "a\n"],
      ["clear_output", false],
      ["clear_output", true],
      ["stream", "b\n"],
    ]);
  });

  it("is updated from a later cell, in the name of that cell", async () => {
    const first = await kernel.execute(`${hook}.display({ "text/plain": "1" }, { displayId: "later" })`);
    const second = await kernel.execute(`${hook}.update("later", { "text/plain": "2" })`);
    expect(first.outputs.at(-1)).toMatchObject({
      type: "display_data",
      content: { transient: { display_id: "later" } },
    });
    expect(second.outputs.at(-1)).toMatchObject({
      type: "update_display_data",
      content: { transient: { display_id: "later" }, data: { "text/plain": "2" } },
    });
  });
});

describe("user expressions", () => {
  it("see what the cell declared, one failing without the others, and publish nothing", async () => {
    const { reply, outputs } = await kernel.execute("const five = 5", {
      user_expressions: {
        sum: "five + 1",
        thrown: "(() => { throw new RangeError('no') })()",
        later: "Promise.resolve(7)",
      },
    });
    expect(reply.user_expressions).toMatchObject({
      sum: { status: "ok", data: { "text/plain": "6" }, metadata: {} },
      thrown: { status: "error", ename: "RangeError", evalue: "no", traceback: expect.any(Array) },
      later: { status: "ok", data: { "text/plain": "7" } },
    });
    expect(outputs.map(({ type }) => type)).toEqual(["execute_input"]);
  });

  it("are not evaluated after a failure", async () => {
    const { reply } = await kernel.execute("throw new Error('x')", { user_expressions: { one: "1" } });
    expect(reply.status).toBe("error");
    expect(reply.user_expressions).toBeUndefined();
  });
});

describe("history", () => {
  const ask = async (content: object) =>
    (await kernel.ask("history_request", { output: false, raw: true, ...content })).history as unknown[][];

  it("holds inputs by number, with results when asked, and not what was silent or not to be stored", async () => {
    const { reply } = await kernel.execute("'remembered'");
    const count = Number(reply.execution_count);
    await kernel.execute("'unheard'", { silent: true });
    await kernel.execute("'unstored'", { store_history: false });
    await kernel.execute("void 0");
    const range = { hist_access_type: "range", session: 0, start: count };
    expect(await ask({ ...range, stop: count + 5 })).toEqual([
      [0, count, "'remembered'"],
      [0, count + 1, "void 0"],
    ]);
    expect(await ask({ ...range, stop: count + 1, output: true })).toEqual([
      [0, count, ["'remembered'", "'remembered'"]],
    ]);
  });

  it("is searched by a pattern, each once when asked, the last n", async () => {
    for (const code of ["'find 1'", "'find 2'", "'find 1'"]) await kernel.execute(code);
    const codes = async (content: object) =>
      (await ask({ hist_access_type: "search", ...content })).map(([, , code]) => code);
    expect(await codes({ pattern: "'find ?'" })).toEqual(["'find 1'", "'find 2'", "'find 1'"]);
    expect(await codes({ pattern: "'find ?'", unique: true })).toEqual(["'find 2'", "'find 1'"]);
    expect(await codes({ pattern: "'find *", n: 1 })).toEqual(["'find 1'"]);
    expect(await codes({ pattern: "nothing of the kind" })).toEqual([]);
  });
});

describe("completion", () => {
  it("tells of each name what it is", async () => {
    await kernel.execute(
      "class Ladder { climb() {} ; height = 1 }; const ladder = new Ladder(); function ladderOf() {}",
    );
    const types = async (code: string) => {
      const { metadata } = await kernel.ask("complete_request", { code, cursor_pos: code.length });
      const found = (metadata as Record<string, { text: string; type: string }[]>)._jupyter_types_experimental;
      return Object.fromEntries(found!.map(({ text, type }) => [text, type]));
    };
    expect(await types("ladder.")).toEqual({ climb: "method", height: "property" });
    expect(await types("ladd")).toMatchObject({ ladder: "const", ladderOf: "function" });
  });
});

describe("comms", () => {
  it("that a client opens are closed, as there is nobody at the other end", async () => {
    await kernel.send("comm_open", { comm_id: "c-1", target_name: "widget", data: {} });
    await kernel.until(() =>
      kernel.published("undefined").some(({ type, content }) => type === "comm_close" && content.comm_id === "c-1"),
    );
    expect(await kernel.ask("comm_info_request", { target_name: "widget" })).toEqual({ status: "ok", comms: {} });
  });
});

describe("a restart", () => {
  it("is announced, and the process ends for the client to start another", async () => {
    const other = await JupyterClient.start();
    expect(await other.ask("shutdown_request", { restart: true }, "control")).toEqual({ status: "ok", restart: true });
    expect(await other.exit()).toEqual({ code: 0, signal: null });
    await other.close();
  });
});
