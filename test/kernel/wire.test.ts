import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JupyterClient } from "../support/jupyter-client.js";

let kernel: JupyterClient;

beforeAll(async () => {
  kernel = await JupyterClient.start();
});

afterAll(() => kernel.close());

describe("a kernel", () => {
  it("introduces itself, with a status", async () => {
    const info = await kernel.ask("kernel_info_request", {});
    expect(info).toMatchObject({ status: "ok", protocol_version: "5.4", implementation: "kalshi-lab" });
    expect(info.language_info).toMatchObject({ name: "typescript", file_extension: ".ts" });
  });

  it("answers a cell with its input, its result under the same count, and an idle state after the reply", async () => {
    const first = await kernel.execute("const answer: number = 41; answer + 1");
    expect(first.reply).toMatchObject({ status: "ok" });
    expect(first.outputs.map(({ type }) => type)).toEqual(["execute_input", "execute_result"]);
    const count = first.reply.execution_count as number;
    expect(first.outputs[1]?.content).toEqual({ data: { "text/plain": "42" }, metadata: {}, execution_count: count });
    const second = await kernel.execute("answer");
    expect(second.reply.execution_count).toBe(count + 1);
  });

  it("publishes nothing for a silent cell and counts none that stores no history", async () => {
    const { reply } = await kernel.execute("1");
    const silent = await kernel.execute("console.log('unheard'); 2", { silent: true });
    expect(silent.outputs).toEqual([]);
    const unstored = await kernel.execute("3", { store_history: false });
    expect(unstored.reply.execution_count).toBe(reply.execution_count);
    expect(unstored.outputs.at(-1)?.type).toBe("execute_result");
  });

  it("loses no line of a long loop, in order, in few messages, each stream for itself", async () => {
    const code = "for (let i = 0; i < 20000; i++) console.log(i); console.error('end')";
    const { stdout, outputs } = await kernel.execute(code);
    expect(stdout).toBe(Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join(""));
    expect(outputs.length).toBeLessThan(200);
    expect(outputs.at(-1)?.content).toEqual({ name: "stderr", text: "end\n" });
  });

  it("takes and shows every character that a text can have, line separators and half characters too", async () => {
    const text = "a\u2028b\u2029c\u0085d\r\ne\u{1F600}f";
    const { stdout, reply } = await kernel.execute(
      `const kept = ${JSON.stringify(text)}; console.log(kept + "\\ud800"); kept`,
    );
    expect(reply).toMatchObject({ status: "ok" });
    expect(stdout).toMatch(new RegExp(`^${text}(\ufffd|\ud800)\n$`));
    expect((await kernel.execute("kept.length")).outputs.at(-1)?.content.data).toEqual({
      "text/plain": `${text.length}`,
    });
  });

  it("keeps the order of writes and displays", async () => {
    const { outputs } = await kernel.execute(
      "import { display } from 'tslab'; console.log('a'); display.html('<b>'); console.log('b'); 'c'",
    );
    const types = outputs.map(({ type }) => type);
    expect(types).toEqual(["execute_input", "stream", "display_data", "stream", "execute_result"]);
  });

  it("updates a display by its id", async () => {
    const { outputs } = await kernel.execute(
      `const notebook = globalThis[Symbol.for("kalshi-lab.notebook")];
       notebook.display({ "text/plain": "0" }, { displayId: "d" }); notebook.update("d", { "text/plain": "1" });`,
    );
    const transient = { display_id: "d" };
    expect(outputs[1]).toMatchObject({ type: "display_data", content: { transient } });
    expect(outputs[2]).toMatchObject({
      type: "update_display_data",
      content: { transient, data: { "text/plain": "1" } },
    });
  });

  it("evaluates user expressions after the cell", async () => {
    const { reply } = await kernel.execute("const six = 6", {
      user_expressions: { twice: "six * 2", wrong: "nothing" },
    });
    expect(reply.user_expressions).toMatchObject({
      twice: { status: "ok", data: { "text/plain": "12" } },
      wrong: { status: "error", ename: "TypeScriptError" },
    });
  });

  it("reports a failure with its name and the user's own lines", async () => {
    const { reply, outputs } = await kernel.execute("interface A {}\n\nthrow new RangeError('expected')");
    const error = { ename: "RangeError", evalue: "expected" };
    expect(reply).toMatchObject({ status: "error", ...error });
    expect(outputs.at(-1)).toMatchObject({ type: "error", content: error });
    expect((reply.traceback as string[]).at(-1)).toMatch(/^ {4}at Cell\[\d+\]:3:7$/);
  });

  it("runs a cell that is sent after a failure was reported", async () => {
    await kernel.execute("throw new Error('expected')");
    expect((await kernel.execute("'runs'")).reply.status).toBe("ok");
  });

  it("aborts the cells that were sent before a failure, unless told not to", async () => {
    const slow = "await new Promise((resolve) => setTimeout(resolve, 20)); throw new Error('expected')";
    const send = (code: string, stop_on_error: boolean) => kernel.send("execute_request", { code, stop_on_error });
    const stopped = [await send(slow, true), await send("'queued'", true)];
    expect((await kernel.finished(stopped[1]!)).reply.status).toBe("aborted");
    const going = [await send(slow, false), await send("'queued'", true)];
    expect((await kernel.finished(going[1]!)).reply.status).toBe("ok");
  });

  it("sends output that comes late to the cell that caused it", async () => {
    const early = await kernel.send("execute_request", { code: "setTimeout(() => console.log('late'), 50)" });
    await kernel.finished(early);
    await kernel.execute("console.log('later cell')");
    await kernel.until(() => kernel.stdout(early) === "late\n");
  });

  it("lives on after an error nobody caught, and shows it", async () => {
    const id = await kernel.send("execute_request", { code: "setTimeout(() => { throw new Error('stray') }, 1); 1" });
    await kernel.finished(id);
    const stderr = () => kernel.published(id).find(({ content }) => content.name === "stderr");
    await kernel.until(() => stderr() !== undefined);
    expect(stderr()?.content.text).toMatch(/^Uncaught Error: stray\n {4}at .*Cell\[\d+\]:1:/);
  });

  it("ignores a message with a wrong signature", async () => {
    const forged = await kernel.send("execute_request", { code: "globalThis.forged = true" }, "shell", "wrong key");
    const { outputs } = await kernel.execute("'forged' in globalThis");
    expect(outputs.at(-1)?.content.data).toEqual({ "text/plain": "false" });
    expect(kernel.published(forged)).toEqual([]);
  });

  it("tells complete from incomplete and invalid code", async () => {
    const status = async (code: string) => (await kernel.ask("is_complete_request", { code })).status;
    for (const code of ["1 + 1", "const f = () => {}", "await fetch('x')"]) expect(await status(code)).toBe("complete");
    for (const code of ["f(", "if (a) {", "`open", "/* open"]) expect(await status(code)).toBe("incomplete");
    for (const code of ["const = 1", "'open", "}{"]) expect(await status(code)).toBe("invalid");
    expect(await kernel.ask("is_complete_request", { code: "if (a) {" })).toMatchObject({ indent: "  " });
  });

  it("completes by prefix, counting positions in code points", async () => {
    const code = "'😀'; Math.ro";
    const position = [...code].length;
    expect(await kernel.ask("complete_request", { code, cursor_pos: position })).toMatchObject({
      status: "ok",
      matches: ["round"],
      cursor_start: position - 2,
      cursor_end: position,
    });
  });

  it("explains what stands at the cursor, of earlier cells too", async () => {
    await kernel.execute("/** Twice as much. */\nfunction twice(n: number) { return n * 2 }");
    const { found, data } = await kernel.ask("inspect_request", { code: "twice(1)", cursor_pos: 5 });
    expect(found).toBe(true);
    expect((data as Record<string, string>)["text/plain"]).toContain("function twice(n: number): number");
    expect((await kernel.ask("inspect_request", { code: "   ", cursor_pos: 1 })).found).toBe(false);
  });

  it("remembers what was executed", async () => {
    await kernel.execute("'first 123'");
    await kernel.execute("'then'");
    const tail = await kernel.ask("history_request", { hist_access_type: "tail", n: 2 });
    expect((tail.history as unknown[][]).map(([, , code]) => code)).toEqual(["'first 123'", "'then'"]);
    const search = await kernel.ask("history_request", { hist_access_type: "search", pattern: "*1?3*" });
    expect(search.history).toHaveLength(1);
  });

  it("has no comms, and says so", async () => {
    expect(await kernel.ask("comm_info_request", {})).toEqual({ status: "ok", comms: {} });
  });
});

describe("a busy kernel", () => {
  const loops = {
    "a loop": "for (;;) {}",
    "a loop after an await": "await new Promise((resolve) => setTimeout(resolve, 5)); for (;;) {}",
    "a loop that only awaits": "for (;;) await 0",
    "a loop in a timer": "setTimeout(() => { for (;;) {} }, 1); await new Promise(() => {})",
    "a promise that never settles": "await new Promise(() => {})",
    "a regular expression": "/^(a+)+$/.test('a'.repeat(40) + 'b')",
  };

  for (const [name, code] of Object.entries(loops)) {
    it(`is interrupted in ${name} and keeps its state`, async () => {
      await kernel.execute("const kept = 'kept'");
      const id = await kernel.send("execute_request", { code: `console.log('begun'); ${code}` });
      await kernel.until(() => kernel.stdout(id) === "begun\n");
      expect(await kernel.ask("interrupt_request", {}, "control")).toEqual({ status: "ok" });
      expect((await kernel.finished(id)).reply).toMatchObject({ status: "error", ename: "Interrupted" });
      const { outputs } = await kernel.execute("kept");
      expect(outputs.at(-1)?.content.data).toEqual({ "text/plain": "'kept'" });
    });
  }

  it("is interrupted by way of the shell channel too, and by SIGINT", async () => {
    const interrupts = [() => kernel.ask("interrupt_request", {}), () => kernel.child.kill("SIGINT")];
    for (const interrupt of interrupts) {
      const id = await kernel.send("execute_request", { code: "console.log('begun'); await new Promise(() => {})" });
      await kernel.until(() => kernel.stdout(id) === "begun\n");
      await interrupt();
      expect((await kernel.finished(id)).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    }
  });

  it("still answers, completes and beats", async () => {
    const id = await kernel.send("execute_request", { code: "console.log('begun'); for (;;) {}" });
    await kernel.until(() => kernel.stdout(id) === "begun\n");
    expect((await kernel.ask("complete_request", { code: "consol", cursor_pos: 6 })).matches).toEqual(["console"]);
    expect(await kernel.beat("still there")).toBe("still there");
    expect((await kernel.ask("kernel_info_request", {})).status).toBe("ok");
    await kernel.ask("interrupt_request", {}, "control");
    await kernel.finished(id);
  });

  it("shuts down in order from within a loop", async () => {
    const id = await kernel.send("execute_request", { code: "console.log('begun'); for (;;) {}" });
    await kernel.until(() => kernel.stdout(id) === "begun\n");
    expect(await kernel.ask("shutdown_request", { restart: false }, "control")).toEqual({
      status: "ok",
      restart: false,
    });
    expect(await kernel.exit()).toEqual({ code: 0, signal: null });
  });
});
