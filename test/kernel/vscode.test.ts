import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Execution, JupyterClient } from "../support/jupyter-client.js";

// What the Jupyter extension of VS Code sends, which differs from JupyterLab in that
// - it asks for kernel_info until there is an answer, on the shell channel, and waits for an idle state;
// - it runs cells with `stop_on_error: false` and drops what follows a failure itself; its metadata names the cell;
// - it runs code of its own silently, before and between cells;
// - it interrupts on the shell channel, where the cell itself came from;
// - its cursors count in UTF-16 units, where the protocol counts in code points.

let kernel: JupyterClient;

beforeAll(async () => {
  kernel = await JupyterClient.start();
});

afterAll(() => kernel.close());

async function send(type: string, content: object, metadata: object = {}): Promise<string> {
  const id = randomUUID();
  const date = new Date().toISOString();
  const header = { msg_id: id, msg_type: type, session: randomUUID(), username: "", date, version: "5.2" };
  await kernel.sendParts([header, {}, metadata, content].map((part) => JSON.stringify(part)));
  return id;
}

function cell(code: string, options: object = {}): Promise<string> {
  const asked = { silent: false, store_history: true, user_expressions: {}, allow_stdin: true, stop_on_error: false };
  return send("execute_request", { code, ...asked, ...options }, { cellId: `vscode-notebook-cell:${randomUUID()}` });
}

async function run(code: string, options: object = {}): Promise<Execution> {
  return kernel.finished(await cell(code, options));
}

const shown = ({ outputs }: Execution) =>
  outputs.filter(({ type }) => type === "execute_result").map(({ content }) => content.data);

describe("in VS Code a kernel", () => {
  it("answers kernel_info asked several times, each with an idle state behind it", async () => {
    const ids = [await send("kernel_info_request", {}), await send("kernel_info_request", {})];
    for (const id of ids) {
      const { reply } = await kernel.finished(id);
      expect(reply).toMatchObject({ status: "ok", protocol_version: "5.4", language_info: { name: "typescript" } });
    }
  });

  it("says that it has no widgets when it is asked for them", async () => {
    const { reply } = await kernel.finished(await send("comm_info_request", { target_name: "jupyter.widget" }));
    expect(reply).toEqual({ status: "ok", comms: {} });
  });

  it("runs silent code without a word and without a number, its answer in user expressions", async () => {
    const before = Number((await run("1")).reply.execution_count);
    const own = await run("", { silent: true, store_history: false });
    expect(own.reply).toMatchObject({ status: "ok", execution_count: before });
    const asked = await run("const place = process.cwd()", {
      ...{ silent: true, store_history: false, user_expressions: { place: "place.length > 0" } },
    });
    expect(asked.outputs).toEqual([]);
    expect(asked.reply.user_expressions).toMatchObject({ place: { status: "ok", data: { "text/plain": "true" } } });
    expect((await run("2")).reply.execution_count).toBe(before + 1);
  });

  it("runs on behind a failure, as it was told not to stop", async () => {
    const [failing, next] = [await cell("throw new Error('first')"), await cell("'second'")];
    expect((await kernel.finished(failing)).reply).toMatchObject({ status: "error", ename: "Error" });
    expect(shown(await kernel.finished(next))).toEqual([{ "text/plain": "'second'" }]);
  });

  it("is interrupted on the shell channel, and answers there with state kept", async () => {
    await run("const kept = 5");
    const id = await cell("console.log('begun'); for (;;);");
    await kernel.until(() => kernel.stdout(id) === "begun\n");
    const interrupt = await send("interrupt_request", {});
    expect(await kernel.reply(interrupt)).toEqual({ status: "ok" });
    expect((await kernel.finished(id)).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect(shown(await run("kept"))).toEqual([{ "text/plain": "5" }]);
  });

  it("completes and explains at the end of a cell with characters beyond sixteen bits before it", async () => {
    const code = "const 𝒳 = '😀😀'; Math.si";
    const { reply } = await kernel.finished(await send("complete_request", { code, cursor_pos: code.length }));
    expect(reply).toMatchObject({ status: "ok", matches: ["sign", "sin", "sinh"] });
    expect(Number(reply.cursor_end)).toBe([...code].length);
    const word = "'😀'; parseInt";
    const inspected = await kernel.finished(
      await send("inspect_request", { code: word, cursor_pos: word.length, detail_level: 0 }),
    );
    expect(inspected.reply).toMatchObject({ status: "ok", found: true });
  });

  it("asks for what is typed by the channel of questions", async () => {
    const id = await cell("await input('name? ')");
    await kernel.until(() => kernel.questions.some(({ parent }) => parent === id));
    await kernel.send("input_reply", { value: "Ada" }, "stdin", undefined, { msg_id: kernel.questions.at(-1)!.id });
    expect(shown(await kernel.finished(id))).toEqual([{ "text/plain": "'Ada'" }]);
  });
});
