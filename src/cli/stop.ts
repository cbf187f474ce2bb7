/** Resolves at Ctrl-C or SIGTERM, and, when asked, once the standard input ends. */
export function untilStopped(withStdin = false): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve();
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    if (!withStdin) return;
    process.stdin.once("end", stop);
    process.stdin.once("close", stop);
    process.stdin.once("error", stop);
    process.stdin.resume();
  });
}

/** A signal that Ctrl-C and SIGTERM set off. The second Ctrl-C ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error("stopped"));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}
