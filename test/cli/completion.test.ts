import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFailure, runCli } from "../support/cli.js";

const root = mkdtempSync(join(tmpdir(), "kalshi-lab-completion-"));
const scripts = { bash: join(root, "bash.sh"), zsh: join(root, "_kalshi-lab") };

beforeAll(async () => {
  for (const shell of ["bash", "zsh"] as const) {
    const { code, stdout, stderr } = await runCli(["completion", shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    writeFileSync(scripts[shell], stdout);
  }
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What the cursor stands behind, the last word unfinished. */
const lines: readonly (readonly [line: string, offered: readonly string[], not: readonly string[]])[] = [
  ["", ["sync", "sql", "notebook", "--help"], ["--series"]],
  ["sync ", ["--series", "--kinds", "--no-wait", "--env"], ["notebook"]],
  ["notebook ", ["run"], ["sync"]],
  ["notebook run ", ["--html"], ["run"]],
  ["sync --library x ", ["--series"], ["notebook"]],
  ["sync --period ", ["1", "60", "1440"], ["--series"]],
  ["doctor --env ", ["sandbox", "demo", "production"], ["--json"]],
  ["cache clear ", ["--ticker"], ["ls"]],
];

describe("the completion of bash", () => {
  const complete = (line: string): string[] => {
    const words = ["kalshi-lab", ...line.split(" ")];
    const script = `source "${scripts.bash}"; COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length - 1}; _kalshi_lab; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter((word) => word !== "");
  };

  it.each(lines)("offers what can stand behind `kalshi-lab %s`", (line, offered, not) => {
    const found = complete(line);
    expect(found).toEqual(expect.arrayContaining([...offered]));
    for (const word of not) expect(found).not.toContain(word);
  });

  it("goes by the letters that are there, and leaves files to the shell", () => {
    expect(complete("sy")).toEqual(["sync"]);
    expect(complete("sync --pe")).toEqual(["--period"]);
    expect(complete("sync --library ")).toEqual([]);
  });
});

const zsh = spawnSync("zsh", ["--version"]).status === 0;
if (!zsh && process.env.CI === "true") throw new Error("there is no zsh");

describe.skipIf(!zsh)(`the completion of zsh${zsh ? "" : " (skipped: there is no zsh)"}`, () => {
  /** With what zsh's own functions do replaced by printing what they are given. */
  const complete = (line: string): string[] => {
    const words = ["kalshi-lab", ...line.split(" ")];
    const script = `compdef() { }; _files() { print FILES }; _describe() { print -l -- \${(P)2} }; compadd() { shift; print -l -- "$@" }
      source "${scripts.zsh}"; words=(${words.map((word) => `"${word}"`).join(" ")}); CURRENT=${words.length}; _kalshi_lab`;
    const { status, stdout, stderr } = spawnSync("zsh", ["-f", "-c", script], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter((word) => word !== "");
  };

  it.each(lines)("offers what can stand behind `kalshi-lab %s`, each with what it does", (line, offered, not) => {
    const found = complete(line).map((word) => word.split(":")[0]!);
    expect(found).toEqual(expect.arrayContaining([...offered]));
    for (const word of not) expect(found).not.toContain(word);
  });

  it("leaves files to the shell", () => {
    expect(complete("sync --library ")).toEqual(["FILES"]);
  });
});

describe("kalshi-lab completion", () => {
  it("knows two shells, and says so", async () => {
    await expectFailure(runCli(["completion", "fish"]), "BAD_ARGUMENT", { exit: 2, found: /bash, zsh/ });
  });
});
