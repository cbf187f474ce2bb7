import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { KalshiError } from "../errors.js";

/**
 * What Node is started with to become a kernel; the connection file or the job comes after.
 *
 * Always the compiled kernel, also when called from the sources: its threads need files.
 *
 * @throws KalshiError `KERNEL_SETUP` when it is not compiled
 */
export function kernelArguments(): string[] {
  const entry = fileURLToPath(new URL("../../dist/kernel/main.js", import.meta.url));
  if (!existsSync(entry)) {
    throw new KalshiError("KERNEL_SETUP", "the kernel is not compiled", {
      hint: "run `npm run build` in the project's folder",
      context: { entry },
    });
  }
  const major = Number.parseInt(process.versions.node, 10);
  return [
    // Terminating a callback of a timer would otherwise end the process ("async hook stack has become corrupted").
    "--no-force-async-hooks-checks",
    "--disable-warning=ExperimentalWarning",
    // Output finds its cell by AsyncLocalStorage, which survives a hard interrupt only in this form.
    ...(major < 24 ? ["--experimental-async-context-frame"] : []),
    entry,
  ];
}
