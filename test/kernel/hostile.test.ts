import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JupyterClient } from "../support/jupyter-client.js";

// Whatever comes, the kernel says what happened and lives, or dies saying so.

let kernel: JupyterClient;

beforeAll(async () => {
  kernel = await JupyterClient.start();
});

afterAll(() => kernel.close());

async function isAlive(): Promise<void> {
  const { outputs } = await kernel.execute("20 + 22");
  expect(outputs.at(-1)?.content.data).toEqual({ "text/plain": "42" });
}

const header = (type: string, id = randomUUID()) =>
  JSON.stringify({ msg_id: id, msg_type: type, session: "test", username: "test", date: "", version: "5.4" });

describe("a message", () => {
  it.each([
    [
      "with a wrong signature",
      () => kernel.send("execute_request", { code: "1" }, "shell", "wrong key"),
      "with a wrong signature",
    ],
    [
      "of malformed JSON",
      () => kernel.sendParts([header("execute_request"), "{}", "{}", '{"code":']),
      "that is no JSON",
    ],
    [
      "that is a list",
      () => kernel.sendParts(["[]", "{}", "{}", "{}"]),
      "whose header or content is not what it should be",
    ],
    ["without a type", () => kernel.sendParts(['{"msg_id":"1"}', "{}", "{}", "{}"]), "whose header or content is not"],
    [
      "whose content is null",
      () => kernel.sendParts([header("execute_request"), "{}", "{}", "null"]),
      "whose header or content",
    ],
    ["of too few frames", () => kernel.sendFrames(["<IDS|MSG>", "x"]), "of 3 frames, which is no message"],
    ["without a delimiter", () => kernel.sendFrames(["hello"]), "of 2 frames, which is no message"],
    ["of an unknown type", () => kernel.send("conjure_request", {}), "no answer to a message of type conjure_request"],
  ] as const)("%s is left out, which the log says, and the kernel lives", async (_, send, says) => {
    const before = kernel.log.length;
    await send();
    await kernel.until(() => kernel.log.slice(before).includes(says));
    await isAlive();
  });

  it("on the control channel that is none does not deafen it", async () => {
    await kernel.sendFrames(["<IDS|MSG>", "x"], "control");
    expect((await kernel.ask("kernel_info_request", {}, "control")).status).toBe("ok");
  });

  it("with fields of other types than they should be is answered all the same", async () => {
    // Code that is no text is taken for none, and expressions that are no names with code for none either.
    for (const content of [{ code: 5 }, {}, { code: "1", user_expressions: "text" }, { code: null, silent: "yes" }]) {
      const { reply, outputs } = await kernel.finished(await kernel.send("execute_request", content));
      expect(reply).toMatchObject({ status: "ok", user_expressions: {} });
      const results = outputs.filter(({ type }) => type === "execute_result");
      expect(results.map(({ content: { data } }) => data)).toEqual(content.code === "1" ? [{ "text/plain": "1" }] : []);
    }
    const one = await kernel.execute("1", { user_expressions: { number: 5, text: "2" } });
    expect(one.reply.user_expressions).toEqual({ text: { status: "ok", data: { "text/plain": "2" }, metadata: {} } });
    expect((await kernel.ask("complete_request", { code: "Math.", cursor_pos: 1e9 })).status).toBe("ok");
    expect((await kernel.ask("inspect_request", { code: "Math", cursor_pos: -5 })).status).toBe("ok");
    expect((await kernel.ask("history_request", { hist_access_type: 7, n: "all" })).status).toBe("ok");
    expect((await kernel.ask("is_complete_request", { code: {} })).status).toBe("complete");
    await isAlive();
  });

  it("of ten megabytes is run, and its output of ten megabytes arrives", async () => {
    const text = "x".repeat(10_000_000);
    const { stdout, reply } = await kernel.execute(`process.stdout.write(${JSON.stringify(text)}); 0`);
    expect(reply.status).toBe("ok");
    expect(stdout.length).toBe(text.length);
    expect(stdout === text).toBe(true);
  });
});

describe("a cell", () => {
  it("that calls process.exit is told why not", async () => {
    const { reply } = await kernel.execute("process.exit(3)");
    expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining("would end the notebook") });
    await isAlive();
  });

  it("that throws in a timer, or leaves a rejection alone, shows it and disturbs nothing", async () => {
    const id = await kernel.send("execute_request", {
      code: "setTimeout(() => { throw new RangeError('in a timer') }); Promise.reject(new TypeError('left alone')); 0",
    });
    await kernel.finished(id);
    const stderr = () =>
      kernel
        .published(id)
        .filter(({ content }) => content.name === "stderr")
        .map(({ content }) => content.text)
        .join("");
    await kernel.until(() => stderr().includes("RangeError: in a timer") && stderr().includes("TypeError: left alone"));
    await isAlive();
  });

  it("that writes past Node to standard output is shown, in that cell, children included", async () => {
    const { stdout, reply } = await kernel.execute(
      `import { writeSync } from "node:fs"; import { execFileSync } from "node:child_process";
       writeSync(1, "from below, ä\\n");
       void execFileSync(process.execPath, ["-e", "console.log('from a child')"], { stdio: ["ignore", "inherit", "ignore"] });`,
    );
    expect(reply.status).toBe("ok");
    expect(stdout).toBe("from below, ä\nfrom a child\n");
    expect((await kernel.execute("0")).stdout).toBe("");
  });

  it("that writes past Node between two lines of its own is shown in that order", async () => {
    const { stdout, reply } = await kernel.execute(
      `import { writeSync as below } from "node:fs";
       for (let i = 0; i < 50; i += 1) { console.log("a" + i); below(1, "b" + i + "\\n"); console.log("c" + i); }`,
    );
    expect(reply).toMatchObject({ status: "ok" });
    expect(stdout).toBe(Array.from({ length: 50 }, (_, i) => `a${i}\nb${i}\nc${i}\n`).join(""));
  });

  it("that floods standard output past Node is shown whole, and the file behind it is emptied before a later cell", async () => {
    const id = await kernel.send("execute_request", {
      code: `import { fstatSync, writeSync as flood } from "node:fs";
             for (let i = 0; i < 20; i += 1) flood(1, "x".repeat(2 ** 20)); console.log("end"); fstatSync(1).size > 20e6`,
    });
    const { stdout, outputs } = await kernel.finished(id);
    expect(outputs.at(-1)?.content.data ?? outputs.find(({ type }) => type === "execute_result")?.content.data).toEqual(
      {
        "text/plain": "true",
      },
    );
    expect(stdout.replace("end\n", "") === "x".repeat(20 * 2 ** 20)).toBe(true);
    const after = await kernel.execute('flood(1, "small\\n"); fstatSync(1).size');
    expect(after.stdout).toBe("small\n");
    expect(after.outputs.find(({ type }) => type === "execute_result")?.content.data).toEqual({ "text/plain": "6" });
  });

  it("that replaces what the kernel stands on loses that alone", async () => {
    await kernel.execute("process.stdout.write = () => { throw new Error('broken') }; 0");
    await kernel.execute("JSON.stringify = () => 'nonsense'; Object.prototype.toString = () => 'nonsense'; 0");
    await isAlive();
  });

  it("whose result cannot be shown says so", async () => {
    const { reply } = await kernel.execute(`({ [Symbol.for("Jupyter.display")]() { throw new Error("no picture") } })`);
    expect(reply).toMatchObject({ status: "error", evalue: "no picture" });
    const strange = await kernel.execute(
      `({ get [Symbol.for("Jupyter.display")]() { throw new Error("no getter") } })`,
    );
    expect(strange.reply.status).toBe("error");
    const functions = await kernel.execute(
      `({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": () => 1, "x/y": 5n }) })`,
    );
    // A bigint is nothing that JSON can say.
    expect(functions.reply).toMatchObject({ status: "error", ename: "TypeError" });
    expect(functions.outputs.map(({ type }) => type)).toEqual(["execute_input", "error"]);
    await isAlive();
  });
});

describe("a cell that fills the memory", () => {
  let small: JupyterClient;
  const fill = `for (;;) {
    for (let i = 0; i < 5_000; i += 1) kept.push({ at: i, text: "a text of its own: " + kept.length });
    // Slowly towards the end, so that there is time to be stopped however busy the machine is.
    if (getHeapStatistics().used_heap_size > 240e6) Atomics.wait(pause, 0, 0, 40);
  }`;

  beforeAll(async () => {
    small = await JupyterClient.start({ env: { NODE_OPTIONS: "--max-old-space-size=320" } });
    await small.execute(
      'import { getHeapStatistics } from "node:v8"; const kept: object[] = []; const pause = new Int32Array(new SharedArrayBuffer(4));',
    );
  });

  afterAll(() => small.close());

  it("is stopped before Node ends the kernel, and keeps what it had", async () => {
    const { reply } = await small.execute(fill);
    expect(reply).toMatchObject({ status: "error", ename: "OutOfMemory" });
    const [, used, given] = /(\d+) MB of memory are in use, and Node gives it (\d+) MB/.exec(String(reply.evalue))!;
    expect(Number(given)).toBe(320);
    expect(Number(used)).toBeGreaterThanOrEqual(0.8 * 320);
    expect((await small.execute("kept.length > 100_000")).outputs.at(-1)?.content.data).toEqual({
      "text/plain": "true",
    });
  });

  it("is not followed by cells that cannot run: they have what is left, and can free it", async () => {
    expect((await small.execute("kept.slice(0, 1_000).length")).reply.status).toBe("ok");
    expect((await small.execute("kept.length = 0; await new Promise((r) => setTimeout(r, 200))")).reply.status).toBe(
      "ok",
    );
    expect((await small.execute(fill)).reply.ename).toBe("OutOfMemory");
    expect((await small.execute("kept.length = 0")).reply.status).toBe("ok");
  });

  it("is told from one that fills it with garbage", async () => {
    const { reply, outputs } = await small.execute(
      `while (kept.length < 1_900_000) kept.push({ at: 0, text: "a text of its own: " + kept.length });
       const limit = 0.8 * 320 * 2 ** 20;
       let [above, thrown] = [0, [] as object[]];
       for (let round = 0; round < 60; round += 1) {
         thrown = [];
         for (let i = 0; i < 100_000; i += 1) thrown.push({ at: i, text: "a text of its own: " + i });
         if (getHeapStatistics().used_heap_size > limit) above += 1;
       }
       kept.length = 0;
       above > 0`,
    );
    expect(reply.status).toBe("ok");
    expect(outputs.at(-1)?.content.data).toEqual({ "text/plain": "true" });
  });
});

describe("a process of its own", () => {
  it("whose cell exhausts memory stops the cell and keeps the state, or dies saying so", async () => {
    const small = await JupyterClient.start({ env: { NODE_OPTIONS: "--max-old-space-size=512" } });
    await small.execute("const kept = 'kept'");
    const id = await small.send("execute_request", {
      code: "{ const all: object[] = []; for (;;) all.push({ at: all.length, text: 'a text of its own: ' + all.length }); }",
    });
    // Which of the two depends on how soon the kernel's other thread gets its turn.
    const replied = small.reply(id);
    const reply = await Promise.race([replied, small.exit()]).catch(() => small.exit());
    replied.catch(() => {}); // it ended first
    if ("code" in reply) expect(small.log).toContain("JavaScript heap out of memory");
    else {
      expect(reply).toMatchObject({ status: "error", ename: "OutOfMemory" });
      expect(reply.evalue).toMatch(/\d+ MB of memory are in use, and Node gives it \d+ MB/);
      expect((await small.execute("kept")).outputs.at(-1)?.content.data).toEqual({ "text/plain": "'kept'" });
    }
    await small.close();
  });

  it("with servers, timers and workers left open ends in order when it is told to", async () => {
    const other = await JupyterClient.start();
    const { reply } = await other.execute(
      `import { createServer } from "node:net"; import { Worker } from "node:worker_threads";
       createServer().listen(0, "127.0.0.1"); setInterval(() => {}, 10);
       new Worker("setInterval(() => {}, 10)", { eval: true }); 0`,
    );
    expect(reply.status).toBe("ok");
    await other.ask("shutdown_request", { restart: false }, "control");
    expect(await other.exit()).toEqual({ code: 0, signal: null });
    await other.close();
  });

  it("that a cell kills is gone with the signal that killed it, which its client sees", async () => {
    const other = await JupyterClient.start();
    await other.send("execute_request", { code: "process.kill(process.pid, 'SIGKILL')" });
    expect(await other.exit()).toEqual({ code: null, signal: "SIGKILL" });
    await other.close();
  });
});
