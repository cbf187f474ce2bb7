// Compiles src/ to dist/. The compiler is called by its own path: a dependency brings an older one that also claims the `tsc` command.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
const done = spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], {
  cwd: root,
  stdio: "inherit",
});
if (done.status !== 0) process.exit(done.status ?? 1);
writeFileSync(join(root, "dist", ".built"), "");
await import("./snapshot.mjs");
