// `npm run lab`: JupyterLab on notebooks/, with the kernel installed. Flags after `--` go to JupyterLab.
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment, providePython, python } from "./python.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

providePython(["jupyterlab"]);
// Again each time: the kernelspec names this folder and this Node, and either may have moved.
const installed = spawnSync(
  process.execPath,
  [join(root, "dist", "cli", "main.js"), "kernel", "install", "--prefix", environment],
  {
    stdio: ["ignore", 2, 2],
  },
);
if (installed.status !== 0) process.exit(installed.status ?? 1);

const lab = spawn(
  python,
  ["-m", "jupyterlab", `--ServerApp.root_dir=${join(root, "notebooks")}`, ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: "inherit",
  },
);
// The terminal sends Ctrl-C to both; JupyterLab asks whether it is meant, so this process waits for its answer.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => lab.kill("SIGTERM"));
lab.on("error", (error) => {
  process.stderr.write(`kalshi-lab: cannot start JupyterLab: ${error.message}\n`);
  process.exit(1);
});
lab.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
