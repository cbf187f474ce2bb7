import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { JupyterClient } from "../support/jupyter-client.js";
import { variablesOf } from "../support/variables.js";
import { until } from "../support/wait.js";

// What an interrupted cell has begun in the background ends with it: seen from the exchange, and from later cells.

let folder: string;
let sandbox: Sandbox;
let kernel: JupyterClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kalshi-lab-interrupted-"));
  sandbox = await startSandbox({ seed: "interrupted" });
  kernel = await JupyterClient.start({ env: variablesOf(sandbox) });
  const { reply } = await kernel.execute(
    `import { connect, openRecording } from "kalshi-lab";
     const lab = await connect(); const ticker = "SANDBOX-LIVE-T55"; const dir = ${JSON.stringify(join(folder, "recording"))};`,
  );
  expect(reply).toMatchObject({ status: "ok" });
});

afterAll(async () => {
  await kernel?.close();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sockets that the exchange has open. */
async function sessions(): Promise<number> {
  const answer = await fetch(`${sandbox.ready.control_url}/overview`);
  return ((await answer.json()) as { sessions: unknown[] }).sessions.length;
}

async function value(code: string): Promise<unknown> {
  const { outputs, reply } = await kernel.execute(code);
  expect(reply).toMatchObject({ status: "ok" });
  const result = outputs.find(({ type }) => type === "execute_result");
  return (result?.content.data as Record<string, unknown> | undefined)?.["text/plain"];
}

/** Interrupts a cell that has said "begun" and goes on. */
async function interruptAfterBegun(code: string): Promise<void> {
  const id = await kernel.send("execute_request", { code });
  await kernel.until(() => kernel.stdout(id).includes("begun\n") || kernel.replied(id));
  expect(await sessions()).toBe(1);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await kernel.finished(id)).reply).toMatchObject({ status: "error", ename: "Interrupted" });
}

describe("an interrupted cell", () => {
  it("that reads live events ends its connection, and nothing that it left behind speaks up", async () => {
    await interruptAfterBegun(
      `let events = 0;
       for await (const event of await lab.live({ ticker })) { events += 1; if (events === 3) console.log("begun"); }`,
    );
    await until(async () => (await sessions()) === 0, "the exchange sees the connection end");
    expect((await kernel.execute("await lab.now()")).reply.status).toBe("ok");
  });

  it("that lets live events be read in the background ends that too", async () => {
    await kernel.execute("let how = 'reads';");
    await interruptAfterBegun(
      `const live = await lab.live({ ticker });
       void (async () => { for await (const event of live); })().then(() => { how = "ended" }, (error) => { how = error.code });
       console.log("begun"); await new Promise(() => {})`,
    );
    await until(async () => (await sessions()) === 0, "the exchange sees the connection end");
    await until(async () => (await value("how")) !== "'reads'", "the loop in the background ends");
    expect(await value("how")).toBe("'ended'");
  });

  it("that records stops its recorder, with everything it received in the folder", async () => {
    await interruptAfterBegun(
      `const recorder = await lab.record({ ticker, dir });
       while (recorder.status().frames < 5) await new Promise((next) => setTimeout(next, 5));
       console.log("begun"); await new Promise(() => {})`,
    );
    await until(async () => (await sessions()) === 0, "the exchange sees the connection end");
    await kernel.execute("const summary = await recorder.done; let kept = 0;");
    await kernel.execute("for await (const _frame of (await openRecording(dir)).frames()) kept += 1;");
    expect(await value("summary.frames >= 5 && summary.lostFrames === 0 && kept === summary.frames")).toBe("true");
  });

  it("leaves alone what an earlier cell began", async () => {
    expect(await value("const mine = await lab.live({ ticker }); 1")).toBe("1");
    await interruptAfterBegun("console.log('begun'); for (;;);");
    expect(await value("let seen = 0; for await (const event of mine) { seen += 1; if (seen === 5) break } seen")).toBe(
      "5",
    );
    await kernel.execute("await mine.close()");
    await until(async () => (await sessions()) === 0, "the connection is closed");
  });
});
