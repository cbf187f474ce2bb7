// The project's own Python environment, `.venv`: made where there is none, and what is asked for installed where it is missing.
// `node scripts/python.mjs PACKAGE…`; nothing that the library itself does needs it.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const windows = process.platform === "win32";
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Folder of the environment. */
export const environment = join(root, ".venv");

/** Its Python. */
export const python = windows ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");

/** Makes sure that the environment is there and has these packages of the Python index. Ends the process with a reason when it cannot. */
export function providePython(packages) {
  // A folder left behind by an interrupted set-up has no pip.
  if (!succeeds(python, ["-m", "pip", "--version"])) {
    say("making .venv (once) …");
    run(systemPython(), ["-m", "venv", "--clear", environment]);
  }
  // JupyterLab brings scripts of the older module kind, which Node would take for ones of this project's.
  const kind = join(environment, "package.json");
  if (!existsSync(kind)) writeFileSync(kind, '{ "type": "commonjs" }\n');
  const missing = packages.filter(
    (name) => !succeeds(python, ["-c", `import importlib.metadata as m; m.version("${name}")`]),
  );
  if (missing.length === 0) return;
  say(`installing ${missing.join(", ")} into .venv (once) …`);
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...missing]);
}

function systemPython() {
  const found = (windows ? ["py", "python"] : ["python3", "python"]).find((name) =>
    succeeds(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]),
  );
  if (found === undefined)
    fail(
      "Python 3.9 or later is needed for this and there is none on the path: install it from python.org or your system's packages (Debian: python3, python3-venv).",
    );
  if (!succeeds(found, ["-c", "import venv, ensurepip"]))
    fail(`${found} cannot make environments: install its venv package (Debian: python3-venv).`);
  return found;
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function run(command, args) {
  const done = spawnSync(command, args, { stdio: ["ignore", 2, 2] });
  if (done.error !== undefined) fail(`cannot run ${command}: ${done.error.message}`);
  if (done.status !== 0)
    fail(`\`${command} ${args.join(" ")}\` failed (exit ${done.status ?? done.signal}); what it said stands above.`);
}

function say(text) {
  process.stderr.write(`kalshi-lab: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  providePython(process.argv.slice(2));
}
