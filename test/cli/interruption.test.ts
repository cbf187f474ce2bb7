import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRecording } from "../../src/recorder/replay.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type CliRun, jsonLines, startCli } from "../support/cli.js";
import { MARK, processesOf } from "../support/processes.js";
import { variablesOf } from "../support/variables.js";
import { until } from "../support/wait.js";

/** From the signal to the end: one that waits for something to time out takes longer. */
const PROMPT_MS = 15_000;

const INTERRUPTED = /^INTERRUPTED: .+\n {2}→ .+\n$/m;

describe.skipIf(process.platform !== "linux")("a command that is stopped", () => {
  const root = mkdtempSync(join(tmpdir(), "kalshi-lab-stop-"));
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "stops" });
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** A command as a terminal starts it, in a process group and with a temporary folder of its own. */
  class Watched {
    readonly run: CliRun;
    readonly #mark = randomUUID();
    readonly #temporary = join(root, this.#mark);
    #said = "";

    constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      mkdirSync(this.#temporary);
      this.run = startCli(args, { ...env, [MARK]: this.#mark, TMPDIR: this.#temporary }, { group: true });
      for (const stream of [this.run.child.stdout!, this.run.child.stderr!]) {
        stream.on("data", (text: string) => {
          this.#said += text;
        });
      }
    }

    /** Waits for a moment; fails when the command ends before. */
    async at(what: string, holds: (said: string) => boolean): Promise<void> {
      await until(
        () => {
          if (this.run.child.exitCode !== null) throw new Error(`ended before ${what}: ${this.#said}`);
          return holds(this.#said);
        },
        what,
        100_000,
      );
    }

    get processes(): string[] {
      return processesOf(this.#mark);
    }

    /** Throwaway keys that are there. */
    get keys(): string[] {
      return readdirSync(this.#temporary).filter((name) => name.startsWith("kalshi-lab-sandbox-"));
    }

    /** Signals the whole group, as Ctrl-C does, and waits for the end; nothing may be left of the command. */
    async stop(signal: NodeJS.Signals = "SIGINT"): ReturnType<typeof this.after> {
      process.kill(-this.run.child.pid!, signal);
      return this.after();
    }

    async after(): Promise<Awaited<CliRun["ended"]>> {
      const started = performance.now();
      const ended = await this.run.ended;
      expect(performance.now() - started).toBeLessThan(PROMPT_MS);
      // What ends with its parent does so a moment after it.
      await until(() => this.processes.length === 0, `the end of ${this.processes.join(", ")}`);
      expect(this.keys).toEqual([]);
      expect(ended.stderr).not.toMatch(/^ {4}at /m);
      return ended;
    }
  }

  describe("`start`", () => {
    const moments: readonly (readonly [moment: string, holds: (out: string, run: Watched, said: string) => boolean])[] =
      [
        ["while its sandbox starts", (_out, run) => run.processes.some((line) => line.includes(" sandbox "))],
        ["when its sandbox is ready", (_out, _run, said) => said.includes("✓ sandbox")],
        [
          "in the middle of the history",
          (out) => size(join(out, "data", "trades.parquet.partial", "rows.ndjson")) > 500_000,
        ],
        [
          "while notebooks run and the recorder writes",
          (out) =>
            size(join(out, "recording", "00000001.seg")) > 100_000 &&
            existsSync(join(out, "notebooks", "01-first-look.ipynb")),
        ],
        ["near its end", (_out, _run, said) => said.includes("✓ live")],
      ];

    it.for(moments)(
      "%s ends promptly with exit 130, and leaves neither a process nor a key",
      { timeout: 120_000 },
      async ([moment, holds]) => {
        const out = join(root, moment.replaceAll(" ", "-"));
        const watched = new Watched(["start", "--out", out]);
        await watched.at(moment, (said) => holds(out, watched, said));
        const { code, stderr } = await watched.stop();
        expect(code, stderr).toBe(130);
        expect(stderr).toMatch(INTERRUPTED);
      },
    );

    it("in the middle of the history saves it, and the next one goes on from there to the end", async () => {
      const out = join(root, "twice");
      const rows = join(out, "data", "trades.parquet.partial", "rows.ndjson");
      const first = new Watched(["start", "--out", out]);
      await first.at("some rows", () => size(rows) > 500_000);
      expect((await first.stop("SIGTERM")).code).toBe(130);
      expect(size(rows)).toBeGreaterThan(500_000);
      const second = new Watched(["start", "--out", out]);
      const { code, stderr } = await second.run.ended;
      expect(code, stderr).toBe(0);
      expect(existsSync(rows)).toBe(false);
      expect(existsSync(join(out, "index.html"))).toBe(true);
      await second.after();
    }, 180_000);

    it("with the signal twice at once, as npm passes it on, saves its state all the same", async () => {
      const out = join(root, "npm");
      const rows = join(out, "data", "trades.parquet.partial", "rows.ndjson");
      const watched = new Watched(["start", "--out", out]);
      await watched.at("some rows", () => size(rows) > 300_000);
      process.kill(-watched.run.child.pid!, "SIGINT");
      watched.run.child.kill("SIGINT");
      const { code, stderr } = await watched.after();
      expect(code, stderr).toBe(130);
      expect(stderr).toMatch(INTERRUPTED);
    });

    it("with SIGKILL takes its sandbox, the key and the notebooks along", async () => {
      const out = join(root, "killed");
      const watched = new Watched(["start", "--out", out]);
      await watched.at("running notebooks", () => existsSync(join(out, "notebooks", "01-first-look.ipynb")));
      expect(watched.processes.length).toBeGreaterThan(2);
      expect(watched.keys).toHaveLength(1);
      watched.run.child.kill("SIGKILL");
      await watched.run.ended;
      await until(() => watched.processes.length === 0, "the end of what it started");
      expect(watched.keys).toEqual([]);
    });
  });

  describe("`record`", () => {
    it.for(["SIGINT", "SIGTERM"] as const)(
      "by %s ends with exit 130, the recording whole and readable",
      async (signal) => {
        const dir = join(root, `recording-${signal}`);
        const watched = new Watched(["record", "--series", "SANDBOX", "--out", dir, "--json"], variablesOf(sandbox));
        await watched.at("frames", () => size(join(dir, "00000001.seg")) > 20_000);
        const { code, stdout, stderr } = await watched.stop(signal);
        expect(code, stderr).toBe(130);
        const { frames } = jsonLines(stdout).at(-1) as { frames: number };
        const recording = await openRecording(dir);
        let read = 0;
        for await (const _ of recording.frames()) read += 1;
        expect(read).toBe(frames);
        const { gaps, connections } = await recording.quality();
        expect(gaps).toEqual([]);
        expect(connections).toHaveLength(1);
        expect(readdirSync(dir).filter((name) => name.endsWith(".lock"))).toEqual([]);
      },
    );

    it("on a sandbox of its own while that starts ends with exit 130 and no folder", async () => {
      const dir = join(root, "recording-early");
      const watched = new Watched(["record", "--series", "SANDBOX", "--out", dir]);
      await watched.at("its sandbox", () => watched.processes.some((line) => line.includes(" sandbox ")));
      const { code, stderr } = await watched.stop();
      expect(code, stderr).toBe(130);
      expect(stderr).toMatch(INTERRUPTED);
      expect(existsSync(dir)).toBe(false);
    });
  });

  describe("`sandbox`", () => {
    it.for(["SIGINT", "SIGTERM"] as const)(
      "by %s when it is ready ends with exit 130, its key removed",
      async (signal) => {
        const watched = new Watched(["sandbox"]);
        await watched.at("ready", (said) => said.includes("\n"));
        expect(watched.keys).toHaveLength(1);
        const { code, stderr } = await watched.stop(signal);
        expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
      },
    );

    it("as soon as its key is there, ready or not, takes the key away", async () => {
      const watched = new Watched(["sandbox"]);
      await watched.at("its key", () => watched.keys.length > 0);
      expect((await watched.stop()).code).toBe(130);
    });
  });

  it("with nothing to save, as `doctor` has, ends at once with exit 130 and takes its sandbox along", async () => {
    const watched = new Watched(["doctor"]);
    await watched.at("its sandbox", () => watched.processes.some((line) => line.includes(" sandbox ")));
    expect((await watched.stop()).code).toBe(130);
  });

  it("while it runs a notebook ends with exit 130, the copy holding what was done", async () => {
    const out = join(root, "notebooks");
    const watched = new Watched(
      ["notebook", "run", "notebooks/04-record-and-replay.ipynb", "--out", out],
      variablesOf(sandbox),
    );
    await watched.at("the copy", () => existsSync(join(out, "04-record-and-replay.ipynb")));
    const { code, stderr } = await watched.stop();
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(INTERRUPTED);
    expect(size(join(out, "04-record-and-replay.ipynb"))).toBeGreaterThan(0);
  });
});

function size(path: string): number {
  return existsSync(path) ? (statSync(path, { throwIfNoEntry: false })?.size ?? 0) : 0;
}
