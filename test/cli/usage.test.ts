import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { expectFailure, runCli } from "../support/cli.js";
import { variablesOf } from "../support/variables.js";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

let sandbox: Sandbox;
let env: Record<string, string>;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: "usage" });
  env = variablesOf(sandbox);
});
afterAll(() => sandbox.close());

describe("a command line that is not understood", () => {
  const wrong: readonly (readonly [what: string, args: readonly string[], found: RegExp, hint: RegExp])[] = [
    ["an unknown command", ["frobnicate"], /frobnicate/, /kalshi-lab --help/],
    ["a command named like something every object has", ["constructor"], /constructor/, /--help/],
    ["an unknown flag", ["doctor", "--frob"], /--frob/, /kalshi-lab doctor --help/],
    ["an argument too many", ["start", "now"], /now/, /kalshi-lab start --help/],
    ["a missing required flag", ["download", "trades", "--ticker", "X"], /--out/, /kalshi-lab download --help/],
    ["a missing argument", ["search"], /text/, /kalshi-lab search --help/],
    ["a flag without its value", ["record", "--out"], /--out/, /--help/],
    [
      "a value that is none of the choices",
      ["download", "candlesticks", "--out", "x.csv", "--period", "7"],
      /7/,
      /--help/,
    ],
    ["a noun that cannot be downloaded", ["download", "frogs", "--out", "x.csv"], /frogs/, /trades, markets/],
    ["a noun named like something every object has", ["download", "toString", "--out", "x.csv"], /toString/, /trades/],
    ["a span that is none", ["record", "--tickers", "X", "--out", "x", "--for", "soon"], /soon/, /"10m"/],
    ["a size that is none", ["record", "--tickers", "X", "--out", "x", "--segment-size", "big"], /big/, /"64MiB"/],
    ["a segment of no time", ["record", "--tickers", "X", "--out", "x", "--segment-span", "0s"], /no time/, /"10m"/],
    ["a port that is none", ["record", "--tickers", "X", "--out", "x", "--metrics-port", "http"], /http/, /65535/],
    ["a port too large", ["record", "--tickers", "X", "--out", "x", "--metrics-port", "70000"], /70000/, /65535/],
    ["looks without a pause", ["record", "--series", "X", "--out", "x", "--look", "0s"], /rate limit/, /"10m"/],
    ["a status without a pause", ["record", "--series", "X", "--out", "x", "--status", "0s"], /pause/, /"10m"/],
    ["a port that is no number", ["sandbox", "--port", "abc"], /abc/, /whole number/],
    ["a port that cannot be", ["sandbox", "--port", "99999"], /99999/, /65535/],
    ["a cutoff without data", ["sandbox", "--cutoff", "2026-01-01"], /cutoff/, /data/],
    ["an unknown tier", ["sandbox", "--tier", "gold"], /gold/, /premier/],
    ["an unknown environment", ["doctor", "--env", "prod"], /"prod"/, /sandbox, demo or production/],
    ["a time limit that is no number", ["notebook", "run", "x.ipynb", "--timeout", "long"], /long/, /seconds/],
    ["a number of hits that is none", ["search", "x", "--limit", "0"], /0/, /whole number above zero/],
    ["two questions at once about a recording", ["replay", "x", "--final", "--quality"], /--final.*--quality/, /one/],
    [
      "a book and the end of a recording at once",
      ["replay", "x", "--at", "2026-01-01", "--final"],
      /--at.*--final/,
      /one/,
    ],
    ["no question about a recording", ["replay", "x"], /which book/, /--ticker and --at/],
    ["a parameter without a value", ["notebook", "run", "x.ipynb", "-p", "name"], /name/, /name=value/],
  ];
  it.for(wrong)("is refused with exit 2 and what to do instead: %s", async ([, args, found, hint]) => {
    await expectFailure(runCli(args), "BAD_ARGUMENT", { found, hint, exit: 2 });
  });

  it("is refused the same way when `start` passes a flag on to the sandbox", async () => {
    await expectFailure(runCli(["start", "--port", "abc"]), "BAD_ARGUMENT", { found: /abc/, exit: 2 });
  });

  it("gets the help on stderr and exit 2 when there is no command", async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^Usage: kalshi-lab/);
  });
});

describe("the command line", () => {
  it("gives the help and the version on stdout with exit 0 when they are asked for", async () => {
    const [help, version] = [await runCli(["record", "--help"]), await runCli(["--version"])];
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(/^Usage: kalshi-lab record/);
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });

  it("keeps stdout to JSON alone with --json, and empty when it fails", async () => {
    const { code, stdout } = await runCli(["search", "port", "avon", "--json"], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ kind: "series", ticker: "AVONHIGH" }));
    const failed = runCli(["download", "trades", "--ticker", "NOPE", "--out", "nope.csv", "--json"], env);
    await expectFailure(failed, "MARKET_NOT_FOUND");
  });

  it.each(["stdout", "stderr"])("does its work to the end when whoever reads its %s has gone", async (name) => {
    const child = spawn(process.execPath, ["--import", "tsx", main, "doctor"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const [gone, kept] = name === "stdout" ? [child.stdout, child.stderr] : [child.stderr, child.stdout];
    gone.destroy();
    let said = "";
    kept.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const [code] = (await once(child, "close")) as [number];
    expect(code, said).toBe(0);
    expect(said).not.toMatch(/EPIPE/);
  });

  it("does so also when what it prints is long", async () => {
    const child = spawn("sh", ["-c", `"$0" --import tsx "${main}" search e --json | head -c 10`, process.execPath], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    let said = "";
    let shown = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
    await once(child, "close");
    expect(shown).toBe('[{"kind":"');
    expect(said).toMatch(/^50 of \d+ shown.*\n$/);
  });
});
