import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { KalshiError } from "../src/errors.js";
import { packagePath } from "../src/store/package.js";

/** The folder of a package that is measured beside and is no dependency of ours: installed by bench/package.json for this alone. */
export function peerFolder(name: string): string {
  const root = packagePath("bench");
  const folder = join(root, "node_modules", name);
  if (existsSync(folder)) return folder;
  // No scripts: Deno's package only looks for the program, which comes in a package of the platform's own.
  const args = ["ci", "--prefix", root, "--ignore-scripts", "--no-audit", "--no-fund"];
  spawnSync("npm", args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (existsSync(folder)) return folder;
  throw new KalshiError("FILE_NOT_FOUND", `no ${name} to measure beside`, {
    hint: `see what npm said above; \`npm ci\` in ${root} installs it`,
    context: { name },
  });
}
