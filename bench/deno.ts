import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { packagePath } from "../src/store/package.js";

/** Deno's program, which bench/package.json asks for; installed where it is missing, null where it cannot be. */
export function denoProgram(): string | null {
  const folder = packagePath("bench/node_modules/@deno");
  if (!existsSync(folder)) {
    // Its package only looks for the program, which comes in a package of the platform's own.
    const args = ["ci", "--prefix", packagePath("bench"), "--ignore-scripts", "--no-audit", "--no-fund"];
    spawnSync("npm", args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  }
  if (!existsSync(folder)) return null;
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const found = readdirSync(folder).map((platform) => join(folder, platform, name));
  return found.find((file) => existsSync(file)) ?? null;
}
