import { KalshiError } from "../errors.js";

/**
 * Within this long a second signal is the echo of the first: `npm start` passes Ctrl-C on to a process that the terminal has told already.
 */
const ECHO_MS = 1_000;

/** Exit code of a command that was stopped, its state saved. */
export const EXIT_INTERRUPTED = 130;

let controller: AbortController | null = null;

/**
 * Takes Ctrl-C and SIGTERM from now on. Until something asks for {@link stopSignal} there is nothing to save, and the process ends at once;
 * so it does at a second Ctrl-C.
 */
export function watchStops(): void {
  let stoppedAt = 0;
  const stop = (): void => {
    if (controller === null) process.exit(EXIT_INTERRUPTED);
    if (!controller.signal.aborted) {
      stoppedAt = performance.now();
      controller.abort(stopped());
    } else if (performance.now() - stoppedAt > ECHO_MS) process.exit(EXIT_INTERRUPTED);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

/**
 * Started again on another Node by `bin/kalshi-lab.js`, which stands for us: when it is killed, so are we. A second run would else find our
 * locks held by a process that nobody sees.
 */
export function endWithStarter(): void {
  if (process.env.KALSHI_LAB_RESTARTED === undefined || process.channel === undefined) return;
  delete process.env.KALSHI_LAB_RESTARTED;
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel?.unref();
}

/** The signal that Ctrl-C and SIGTERM set off. Whoever asks for it ends by himself when it does. */
export function stopSignal(): AbortSignal {
  controller ??= new AbortController();
  return controller.signal;
}

/** Whether the user has stopped this process. */
export function isStopped(): boolean {
  return controller?.signal.aborted === true;
}

/** What a stopped command ends with, when nothing below has said it better. */
export function stopped(): KalshiError {
  return new KalshiError("INTERRUPTED", "stopped", {
    hint: "what was saved so far is kept; run the same command again to go on",
  });
}

/** Resolves once the signal is set off; at once when it has been. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Resolves once the standard input ends. */
export function untilStdinCloses(): Promise<void> {
  return new Promise((resolve) => {
    for (const end of ["end", "close", "error"]) process.stdin.once(end, () => resolve());
    process.stdin.resume();
    // Listening is no reason to stay: what waits for this has reasons of its own, or has failed.
    (process.stdin as { unref?: () => void }).unref?.();
  });
}
