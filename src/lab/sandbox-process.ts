import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { KalshiError } from "../errors.js";
import type { ReadyInfo } from "../sandbox/sandbox.js";

/** A sandbox in a process of its own, which ends with us. */
export interface SandboxProcess extends ReadyInfo {
  close(): Promise<void>;
}

/** How long a sandbox may take to end before it is killed. */
const PATIENCE_MS = 10_000;

/**
 * Starts the sandbox exchange in a process of its own on a free loopback port, with a throwaway key. It ends when `close` is called, and
 * when this process ends however that may be: it watches its standard input.
 *
 * @param flags - further flags of `kalshi-lab sandbox`
 * @param signal - gives up while the sandbox is getting ready
 * @throws KalshiError what the sandbox said, else `SANDBOX_FAILED`; `INTERRUPTED`
 */
export async function startSandboxProcess(
  flags: readonly string[] = [],
  signal?: AbortSignal,
): Promise<SandboxProcess> {
  if (signal?.aborted === true) throw interrupted(signal);
  const child = spawn(process.execPath, [...entry(), "sandbox", "--until-stdin-closes", ...flags], {
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl-C in a terminal reaches the whole group; the sandbox waits for us, so that we can still save what we are doing.
    detached: true,
    env: withoutKeys(process.env),
  });
  const errors: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  child.stdin.on("error", () => undefined);
  const line = await unlessAborted(firstLine(child, errors), child, signal);
  // Neither the process nor its pipes keep ours alive: a script ends when its own work is done.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr])
    (stream as unknown as { unref?: () => void }).unref?.();
  const ready = JSON.parse(line) as ReadyInfo;
  return {
    ...ready,
    close: () => end(child),
  };
}

/** A sandbox has a key of its own and sees none of ours. */
function withoutKeys({
  KALSHI_API_KEY_ID,
  KALSHI_PRIVATE_KEY,
  KALSHI_PRIVATE_KEY_PATH,
  ...others
}: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return others;
}

/** Ends a sandbox by closing its standard input, and waits until it has ended. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.ref();
  child.stdin?.end();
  const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await ended;
  clearTimeout(patience);
}

/** What a starting sandbox gives, unless the signal comes first; then the sandbox has ended when this throws. */
async function unlessAborted<T>(
  starting: Promise<T>,
  child: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return starting;
  const { promise: aborted, resolve: abort } = Promise.withResolvers<"aborted">();
  const onAbort = (): void => abort("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const first = await Promise.race([starting.then((value) => ({ value })), aborted]);
    if (first !== "aborted") return first.value;
    starting.catch(() => undefined);
    await end(child);
    throw interrupted(signal);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function interrupted(signal: AbortSignal): KalshiError {
  return new KalshiError("INTERRUPTED", "stopped while the sandbox was getting ready", {
    hint: "run it again",
    cause: signal.reason,
  });
}

function entry(): readonly string[] {
  const compiled = import.meta.url.endsWith(".js");
  const main = fileURLToPath(new URL(compiled ? "../cli/main.js" : "../cli/main.ts", import.meta.url));
  // From the sources the loader is found from here, wherever the working folder is.
  return compiled ? [main] : ["--import", import.meta.resolve("tsx"), main];
}

function firstLine(child: ChildProcess, errors: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! });
    lines.once("line", (line) => {
      lines.close();
      child.stdout!.resume();
      resolve(line);
    });
    child.once("error", (error) => reject(failed(error.message, error)));
    child.once("close", () => reject(failed(errors.join("").trim())));
  });
}

/** The sandbox's own error as it printed it, code included; anything else as `SANDBOX_FAILED`. */
function failed(said: string, cause?: unknown): KalshiError {
  const own = /^([A-Z_]+): (.*)\n\s*→ (.*)$/m.exec(said);
  if (own !== null) return new KalshiError(own[1] as "SANDBOX_FAILED", own[2]!, { hint: own[3]!, cause });
  return new KalshiError(
    "SANDBOX_FAILED",
    `the sandbox did not start: ${said === "" ? "it ended without a word" : said}`,
    {
      hint: "run `kalshi-lab sandbox` by itself to see why",
      cause,
    },
  );
}
