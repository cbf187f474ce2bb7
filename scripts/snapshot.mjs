// Makes the snapshot that the kernel's compiler starts from, unless there is one: by the Node that kernels run on, which is not always this one.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const own = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
const shell = process.platform === "win32";
const module = JSON.stringify(pathToFileURL(join(root, "dist", "kernel", "snapshot.js")).href);
const code = `import(${shell ? module.replaceAll('"', "'") : module}).then(({ makeSnapshot }) => makeSnapshot())`;
// Without it the kernel starts a little later, which is no reason to stop.
spawnSync(existsSync(own) ? own : process.execPath, ["-e", shell ? `"${code}"` : code], {
  cwd: root,
  stdio: "ignore",
  shell,
});
