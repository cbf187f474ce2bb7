import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { peerFolder } from "./peers.js";

/** Deno's program; null where there is none for this platform. */
export function denoProgram(): string | null {
  const folder = peerFolder("@deno");
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const found = readdirSync(folder).map((platform) => join(folder, platform, name));
  return found.find((file) => existsSync(file)) ?? null;
}
