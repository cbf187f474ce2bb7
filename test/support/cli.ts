import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import { ownSandbox } from "./variables.js";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Found from here, whatever the working folder of the process is. */
const tsx = import.meta.resolve("tsx");

/** A run of the command line in a process of its own. */
export interface CliRun {
  readonly child: ChildProcess;
  /** Once it has ended, however that was. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
}

export interface CliOptions {
  /** A process group of its own, as a terminal makes one for each command. */
  readonly group?: boolean;
  /** A command in front, such as one that takes rights away. */
  readonly under?: readonly string[];
  /** Working folder. */
  readonly cwd?: string;
}

/** Starts `kalshi-lab` from the sources, under the Node that runs the test. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  options: CliOptions = {},
): CliRun {
  const [command, ...words] = [...(options.under ?? []), process.execPath, "--import", tsx, main, ...args];
  const child = spawn(command!, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...ownSandbox, ...env },
    detached: options.group === true,
    cwd: options.cwd,
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const ended = new Promise<Awaited<CliRun["ended"]>>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...texts }));
  });
  return { child, ended };
}

/** Runs `kalshi-lab` to its end. */
export function runCli(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  options?: CliOptions,
): CliRun["ended"] {
  return startCli(args, env, options).ended;
}

/** Every JSON line that a command has printed. */
export function jsonLines(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/**
 * Asserts how a command failed: exit code, the code with what was found and what to do on stderr, nothing on stdout. On stderr stands
 * nothing else, unless `told` says what the command reports before it fails.
 */
export async function expectFailure(
  run: CliRun["ended"],
  code: ErrorCode,
  {
    found,
    hint,
    exit = 1,
    told,
  }: { readonly found?: RegExp; readonly hint?: RegExp; readonly exit?: number; readonly told?: RegExp } = {},
): Promise<void> {
  const ended = await run;
  const said = /^([A-Z_]+): (\S.*)\n {2}→ (\S.*)\n$/m.exec(ended.stderr);
  expect(said, ended.stderr).not.toBeNull();
  const before = ended.stderr.slice(0, said!.index);
  if (told === undefined) expect(before).toBe("");
  else expect(before).toMatch(told);
  expect(ended.stderr.slice(said!.index)).toBe(said![0]);
  expect(said![1], ended.stderr).toBe(code);
  if (found !== undefined) expect(said![2]).toMatch(found);
  if (hint !== undefined) expect(said![3]).toMatch(hint);
  expect(ended.code, ended.stderr).toBe(exit);
  expect(ended.stdout).toBe("");
}
