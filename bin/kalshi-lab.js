#!/usr/bin/env node
// Starts the command line. Under too old a Node it starts itself again on the one that the project brought, or says what to do.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const main = join(root, "dist", "cli", "main.js");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  await import(main);
} else {
  const own = join(root, "node_modules", ".bin", "node");
  if (existsSync(own)) restartOn(own);
  else {
    process.stderr.write(
      `kalshi-lab needs Node 22.19 or later, this is ${process.versions.node}: install a newer Node, or run \`npm start\` once in the project.\n`,
    );
    process.exit(1);
  }
}

/** Runs the same under another Node as if it were this process: it gets our signals, gives us its end, and does not outlive us. */
function restartOn(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, KALSHI_LAB_RESTARTED: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
