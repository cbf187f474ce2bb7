import { execFile } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSigner } from "../../src/client/signing.js";
import type { KalshiError } from "../../src/errors.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { openRecording } from "../../src/recorder/replay.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { runCli } from "../support/cli.js";
import { expectRejection } from "../support/errors.js";
import { expectClean, freshPem, type Secret, secretsOf, shownOf } from "../support/keys.js";
import { connectionTo } from "../support/lab.js";
import { NotebookFolder } from "../support/notebooks.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";
import { variablesOf } from "../support/variables.js";

const TICKER = "SANDBOX-LIVE-T55";
const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-secrets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All bytes of all files below a folder, each with its name. */
function writtenIn(dir: string): { readonly files: readonly string[]; readonly text: string } {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  return { files, text: files.map((name) => `${name}\n${readFileSync(join(dir, name), "latin1")}`).join("\n") };
}

describe.each(["rsa", "ed25519"] as const)("of an account with a key of type %s", (keyType) => {
  let sandbox: Sandbox;
  let lab: Lab;
  let secrets: readonly Secret[];

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "secrets", keyType });
    lab = await connect(connectionTo(sandbox));
    secrets = secretsOf(createPrivateKey(sandbox.privateKey));
  });
  afterAll(async () => {
    await lab.close();
    await sandbox.close();
  });

  it("nothing of key or signature is in a lab, a client or a query that is printed", async () => {
    await lab.balance();
    for (const value of [lab, lab.client, lab.client.signer, lab.trading, lab.fills(), await lab.balance()])
      expectClean(secrets, shownOf(value));
  });

  it("nothing of them is in files: downloads, what describes them, and what stays of one that was interrupted", async () => {
    const dir = join(folder, `files-${keyType}`);
    mkdirSync(dir);
    const stop = new AbortController();
    const partly = lab.fills({ signal: stop.signal, onProgress: () => stop.abort() }).save(join(dir, "partly.csv"));
    expectClean(secrets, shownOf(await expectRejection(partly, "INTERRUPTED", /go on/)));
    await lab.fills().save(join(dir, "fills.parquet"));
    await lab.orders().save(join(dir, "orders.csv"));
    const { files, text } = writtenIn(dir);
    expect(files.some((name) => name.includes("partly.csv"))).toBe(true);
    expect(files.length).toBeGreaterThan(3);
    expectClean(secrets, text);
  });

  it("nothing of them is in a recording", async () => {
    const dir = join(folder, `recording-${keyType}`);
    const recorder = await lab.record({ ticker: TICKER, dir });
    while (recorder.status().frames < 20) await setImmediate();
    await recorder.stop();
    const { files, text } = writtenIn(dir);
    expect(files.length).toBeGreaterThan(0);
    // The frames are packed: what they hold is looked at as it was received.
    const frames: string[] = [];
    for await (const { data } of (await openRecording(dir)).frames()) frames.push(Buffer.from(data).toString("latin1"));
    expect(frames.join("")).toContain(TICKER);
    expectClean(secrets, text + frames.join(""));
  });
});

describe("a command", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "secrets of a command" });
  });
  afterAll(() => sandbox.close());

  it("prints nothing of key or signature, whether it does its work or fails", async () => {
    const secrets = secretsOf(createPrivateKey(sandbox.privateKey));
    const variables = variablesOf(sandbox);
    // The key in the variable itself, which a crash might print.
    const byText = { ...variables, KALSHI_PRIVATE_KEY_PATH: "", KALSHI_PRIVATE_KEY: sandbox.privateKey };
    const misplaced = { ...variables, KALSHI_PRIVATE_KEY_PATH: sandbox.privateKey };
    const asId = { ...byText, KALSHI_API_KEY_ID: sandbox.privateKey };
    const out = (name: string): string => join(folder, `cli-${name}`);
    const runs = await Promise.all([
      runCli(["doctor"], byText),
      runCli(["doctor", "--json", "--key-id", "unknown"], byText),
      runCli(["download", "fills", "--out", out("fills.csv")], byText),
      runCli(["record", "--tickers", TICKER, "--out", out("record"), "--for", "1s"], byText),
      runCli(["doctor"], misplaced),
      runCli(["download", "fills", "--out", out("none.csv")], asId),
      runCli(["record", "--tickers", TICKER, "--out", out("none")], { ...byText, KALSHI_API_KEY_ID: "unknown" }),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([0, 1, 0, 0, 1, 1, 1]);
    for (const { stdout, stderr } of runs) {
      expect(`${stdout}${stderr}`).not.toBe("");
      expectClean(secrets, `${stdout}\n${stderr}`);
    }
  });
});

describe("a notebook", () => {
  let notebooks: NotebookFolder;
  let sandbox: Sandbox;
  beforeAll(async () => {
    notebooks = await NotebookFolder.make();
    sandbox = await startSandbox({ seed: "notebook secrets" });
  });
  afterAll(async () => {
    await notebooks.remove();
    await sandbox.close();
  });

  it("shows nothing of key or signature when a lab, its client or its errors are displayed", async () => {
    const index = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
    const options = JSON.stringify(connectionTo(sandbox));
    const { text, outFile } = await notebooks.run(
      [
        `import { connect } from ${JSON.stringify(index)};\nconst lab = await connect(${options} as never);`,
        "lab",
        "lab.client",
        "lab.client.signer",
        "console.log(lab.client, JSON.stringify(lab)); console.dir(lab, { depth: 12, showHidden: true })",
        "await lab.balance()",
        `await connect({ ...${options}, keyId: "unknown" } as never).catch((error: unknown) => error)`,
        `await lab.close(); await connect({ ...${options}, keyId: "unknown" } as never)`,
      ],
      { allowErrors: true },
    );
    expect(text(0), text(0)).toBe("");
    expect(text(1)).toMatch(/Lab/);
    expect(text(3)).toContain(sandbox.ready.key_id);
    expect(text(6)).toContain("KEY_UNKNOWN");
    expectClean(secretsOf(createPrivateKey(sandbox.privateKey)), readFileSync(outFile, "utf8"));
  });
});

describe("a program that ends by an error nobody caught", () => {
  const privateKey = freshPem();
  const secrets = secretsOf(createPrivateKey(privateKey));
  const path = join(folder, "crash.pem");
  let server: ScriptedServer;
  const sent = new Set<string>();

  beforeAll(async () => {
    writeFileSync(path, privateKey, { mode: 0o600 });
    const bucket = { refill_rate: 200, bucket_capacity: 600 };
    const limits = { usage_tier: "basic", grants: [], read: bucket, write: bucket };
    server = await scriptedServer((request, response) => {
      const signature = String(request.headers["kalshi-access-signature"]);
      sent.add(signature);
      if (request.url!.endsWith("/account/limits")) return answer(response, 200, limits);
      if (request.url!.endsWith("/account/endpoint_costs"))
        return answer(response, 200, { default_cost: 10, endpoint_costs: [] });
      // Says back what it was sent.
      answer(response, 403, {
        error: { code: "forbidden", message: `no: ${signature}`, details: request.rawHeaders.join() },
      });
    });
  });
  afterAll(() => server.close());

  it.each([
    ["throw", 1],
    ["forget", 1],
    ["log", 0],
  ])("prints neither its key nor a signature: %s", async (how, code) => {
    const program = fileURLToPath(new URL("../support/crash.ts", import.meta.url));
    const words = ["--import", "tsx", program, server.baseUrl, "crash-key-id", path, how];
    const ended = await new Promise<{ code: number; text: string }>((resolve) => {
      const child = execFile(process.execPath, words, (_, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, text: `${stdout}\n${stderr}` }),
      );
    });
    expect(ended.code, ended.text).toBe(code);
    expect(ended.text).toMatch(/FORBIDDEN/);
    expect(ended.text).toContain("crash-key-id");
    // The name of the header is no secret; the server says it back too.
    expectClean(secrets, ended.text.replaceAll(/kalshi-access-signature/gi, "the header"));
    expect(sent.size).toBeGreaterThan(0);
    for (const signature of sent) expect(ended.text.includes(signature.slice(0, 40))).toBe(false);
  });
});

describe("the key of the variables", () => {
  it("is not handed to a sandbox that is started: it gets a key of its own", async () => {
    const before = { ...process.env };
    const privateKey = freshPem();
    Object.assign(process.env, { KALSHI_API_KEY_ID: "real", KALSHI_PRIVATE_KEY: privateKey });
    try {
      const lab = await connect({ env: "sandbox", sandbox: [] });
      try {
        expect(lab.client.signer!.keyId).not.toBe("real");
        if (process.platform !== "linux") return;
        const inherited = readFileSync(`/proc/${lab.sandbox!.pid}/environ`, "utf8");
        expect(inherited).toContain("PATH=");
        expect(inherited).not.toMatch(/KALSHI_(API_KEY_ID|PRIVATE_KEY)/);
      } finally {
        await lab.close();
      }
    } finally {
      for (const name of ["KALSHI_API_KEY_ID", "KALSHI_PRIVATE_KEY"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });
});

describe("a key", () => {
  it("with an id and a damaged text gives an error that names the id and shows no text", async () => {
    const pem = freshPem();
    const connecting = connect({ env: "demo", keyId: "my-id", privateKey: pem.slice(0, 80) });
    const error: KalshiError = await expectRejection(connecting, "KEY_UNREADABLE", /first and last line/);
    expect(error.context.keyId).toBe("my-id");
    expectClean(secretsOf(createPrivateKey(pem)), shownOf(error));
    expect(createSigner({ keyId: "my-id", privateKey: pem }).keyType).toBe("ed25519");
  });
});
