import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.js";
import { withExamples } from "../../src/cli/examples.js";
import { withLevels } from "../../src/cli/levels.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { expectFailure, runCli } from "../support/cli.js";
import { variablesOf } from "../support/variables.js";

const root = mkdtempSync(join(tmpdir(), "kalshi-lab-levels-"));
let sandbox: Sandbox;
let env: Record<string, string>;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: "levels", speed: 0 });
  env = { ...variablesOf(sandbox), KALSHI_CACHE: "off" };
});
afterAll(async () => {
  await sandbox.close();
  rmSync(root, { recursive: true, force: true });
});

/** Every command that does something, by its words. */
async function leaves(): Promise<Map<string, Command>> {
  const program = new Command("kalshi-lab");
  for (const register of Object.values(commands)) (await register())(program);
  for (const command of program.commands) withLevels(command);
  withExamples(program);
  const found = new Map<string, Command>();
  const walk = (command: Command, words: readonly string[]): void => {
    if (command.commands.length === 0) found.set(words.join(" "), command);
    for (const one of command.commands) walk(one, [...words, one.name()]);
  };
  for (const command of program.commands) walk(command, [command.name()]);
  return found;
}

/** All of a command's help, what stands behind it included. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text;
}

describe("--quiet", () => {
  it("leaves stderr to what is wrong or in doubt, and results as they are", async () => {
    const out = join(root, "trades.csv");
    const ask = ["download", "trades", "--series", "NORLEAD", "--out", out];
    const usual = await runCli(ask, env);
    expect(usual.stderr).toMatch(/trades\.csv: [\d,]+ rows/);
    expect(await runCli([...ask, "--quiet"], env)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const shown = await runCli(["search", "e", "--limit", "2"], env);
    const quiet = await runCli(["search", "e", "--limit", "2", "-q"], env);
    expect(shown.stderr).toMatch(/2 of \d+ shown/);
    expect(quiet).toMatchObject({ code: 0, stderr: "", stdout: shown.stdout });
    // A span that goes on: the file is not all there is.
    const late = await runCli([...ask, "--to", "2030-01-01", "-q"], env);
    expect(late).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/incomplete: the span/) as string,
    });
    await expectFailure(
      runCli(["download", "trades", "--ticker", "NOPE", "--out", out, "-q"], env),
      "MARKET_NOT_FOUND",
    );
  }, 180_000);
});

describe("--verbose", () => {
  it("tells each request and where settings come from, and never a key", async () => {
    writeFileSync(join(root, ".env"), "KALSHI_TOKEN_SHARE=0.9\n");
    const { code, stdout, stderr } = await runCli(
      ["download", "fills", "--out", join(root, "fills.csv"), "--verbose", "--json"],
      env,
      { cwd: root },
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty("rows");
    expect(stderr).toMatch(/^settings: KALSHI_TOKEN_SHARE from \S+\.env$/m);
    expect(stderr).toMatch(/^GET \/portfolio\/fills\?\S+: 200, \d+ ms, 10 tokens$/m);
    expect(stderr).not.toContain(env.KALSHI_API_KEY_ID);
  }, 180_000);

  it("and --quiet at once are refused", async () => {
    await expectFailure(runCli(["cache", "ls", "-q", "-v"]), "BAD_ARGUMENT", { exit: 2, hint: /one of the two/ });
  });
});

describe("the help of every command", () => {
  it("has --quiet, --verbose and examples whose commands and flags are there", async () => {
    const all = await leaves();
    expect(all.size).toBeGreaterThan(20);
    for (const [name, command] of all) {
      const flags = command.options.flatMap(({ short, long }) => [short, long]);
      expect(flags, name).toEqual(expect.arrayContaining(["--quiet", "--verbose", "-q", "-v"]));
      expect(new Set(flags.filter((flag) => flag !== undefined)).size, name).toBe(
        flags.filter((flag) => flag !== undefined).length,
      );
      const examples = helpOf(command)
        .split("\n")
        .filter((line) => /^ {2}(source <\()?kalshi-lab /.test(line));
      expect(examples.length, name).toBeGreaterThan(0);
      for (const line of examples) {
        const text = line.replace(/^ {2}(source <\()?kalshi-lab /, "");
        const words = [...all.keys()].filter((words) => text === words || text.startsWith(`${words} `));
        expect(words, line).not.toEqual([]);
        const given = all.get(words.sort().at(-1)!)!.options.flatMap(({ short, long }) => [short, long]);
        for (const [flag] of text.replace(/"[^"]*"/g, "").matchAll(/(?<=\s)--?[a-z][a-z-]*/g))
          expect(given, line).toContain(flag);
      }
    }
  }, 180_000);
});

describe("wrong usage", () => {
  it.each([
    ["an argument that is missing", ["download"], "kalshi-lab download <noun> --out <file> [options]"],
    ["a flag that is not there", ["cache", "ls", "--frob"], "kalshi-lab cache ls [options]"],
    ["a command below another", ["library", "frob"], "kalshi-lab library ls|drop [options]"],
    ["an optional argument", ["verify", "--frob"], "kalshi-lab verify [dir] [options]"],
    ["no command", ["frob"], "kalshi-lab COMMAND [options]"],
  ])("is answered with the right one: %s", async (_, args, usage) => {
    const { code, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stderr).toContain(`→ usage: \`${usage}\``);
  });

  it("of a series that is the exchange's own says that the sandbox was asked", async () => {
    const ask = ["sync", "--series", "KXHIGHNY", "--library", join(root, "none")];
    await expectFailure(runCli(ask, env), "SERIES_NOT_FOUND", { hint: /sandbox, --env production/ });
  });

  it("of `library drop` says what to name before it looks for a library", async () => {
    const run = runCli(["library", "drop", "--library", join(root, "none")]);
    await expectFailure(run, "BAD_ARGUMENT", { exit: 2, hint: /--series/ });
  });
});
