import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { systemCode } from "../errors.js";
import { packagePath } from "../store/package.js";

// The compiler of cells as V8 keeps it: loaded, and with the declarations of Node and of this package parsed. To start from this takes a third of
// a second where loading takes two; it is a file of some fifty megabytes beside the compiled kernel, good for one Node and one build.

const prefix = ".compiler-";
const folder = packagePath("dist");

/** The file of the snapshot that a process of the compiler starts from; null where there is none that fits. */
export function foundSnapshot(): string | null {
  const file = snapshotFile();
  return existsSync(file) ? file : null;
}

/** Removes a snapshot that no process can start from, so that another is made. */
export function removeSnapshot(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A folder that cannot be written into: the kernel works without, each time after a try.
  }
}

/**
 * Makes the snapshot for this Node, if there is none. Where it cannot be made, the kernel works without.
 *
 * @returns whether there is one
 */
export function makeSnapshot(): boolean {
  const file = snapshotFile();
  if (existsSync(file)) return true;
  const [made, script] = [`${file}.${process.pid}`, `${file}.${process.pid}.cjs`];
  try {
    writeFileSync(
      script,
      `(${build.toString()})(require, ${JSON.stringify(packagePath("dist/kernel/compile-process.js"))});\n`,
    );
    const { NODE_OPTIONS: _flags, ...env } = process.env;
    const options = { cwd: packagePath(""), env, stdio: "ignore", timeout: 120_000 } as const;
    const { status } = spawnSync(process.execPath, ["--snapshot-blob", made, "--build-snapshot", script], options);
    if (status !== 0) return false;
    removeOthers(folder);
    renameSync(made, file);
    return true;
  } catch {
    return false;
  } finally {
    for (const left of [made, script]) rmSync(left, { force: true });
  }
}

/** Removes snapshots that were made before, and what a process that was killed while it made one has left. */
export function removeOthers(dir: string): void {
  for (const name of readdirSync(dir)) {
    const found = /^\.compiler-[0-9a-f]{16}\.blob(?:\.(\d+)(?:\.cjs)?)?$/.exec(name);
    if (found === null || (found[1] !== undefined && isAlive(Number(found[1])))) continue;
    rmSync(join(dir, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers EPERM.
    return systemCode(error) !== "ESRCH";
  }
}

/** Named after all that is in it, so that none is taken that does not fit. */
function snapshotFile(): string {
  const require = createRequire(import.meta.url);
  const kernel = packagePath("dist/kernel");
  const parts = [
    process.execPath,
    require.resolve("typescript"),
    require.resolve("tslab/package.json"),
    // Changes with every build that changes anything, declarations too; not published.
    packagePath("dist/.tsbuildinfo"),
    ...[
      "cell-builder.js",
      "compile.js",
      "compile-process.js",
      "compiler-calls.js",
      "docs-on-demand.js",
      "lines.js",
      "parsed-files.js",
      "tslab-typescript.js",
    ].map((name) => join(kernel, name)),
  ];
  const hash = createHash("sha256").update(`${process.version} ${process.arch}`);
  for (const part of parts) {
    const found = statSync(part, { throwIfNoEntry: false });
    hash.update(`\n${part} ${found?.size} ${found?.mtimeMs}`);
  }
  return join(folder, `${prefix}${hash.digest("hex").slice(0, 16)}.blob`);
}

/**
 * Runs in the process whose snapshot is made, as text: Node loads nothing there but its own modules, so the others are loaded by hand, ours as
 * CommonJS.
 */
function build(require: NodeJS.Require, entry: string): void {
  const { readFileSync } = require("node:fs") as typeof import("node:fs");
  const { createRequire: nodeRequire, isBuiltin } = require("node:module") as typeof import("node:module");
  const { dirname, sep } = require("node:path") as typeof import("node:path");
  const { fileURLToPath, pathToFileURL } = require("node:url") as typeof import("node:url");
  const { startupSnapshot } = require("node:v8") as typeof import("node:v8");
  type TypeScript = typeof import("typescript");

  const cache: Record<string, { exports: unknown }> = {};
  class Module {
    exports: unknown = {};
    constructor(readonly id: string) {}
  }
  const requireFrom = (from: string) => {
    const file = from.startsWith("file:") ? fileURLToPath(from) : from;
    const { resolve } = nodeRequire(file);
    const own = (specifier: string): unknown => {
      if (specifier === "node:module")
        return { __esModule: true, default: Module, createRequire: requireFrom, isBuiltin };
      return isBuiltin(specifier) ? require(specifier) : load(resolve(specifier));
    };
    return Object.assign(own, { resolve, cache });
  };
  const load = (file: string): unknown => {
    const known = cache[file];
    if (known !== undefined) return known.exports;
    const module = new Module(file);
    cache[file] = module;
    const source = readFileSync(file, "utf8");
    if (file.endsWith(".json")) module.exports = JSON.parse(source);
    else {
      const isOurs = file.startsWith(dirname(entry) + sep);
      const names = ["exports", "require", "module", "__filename", "__dirname", "__meta"];
      const code = new Function(...names, `${isOurs ? asCommonJs(source) : source}\n//# sourceURL=${file}`);
      const meta = { url: pathToFileURL(file).href, filename: file, dirname: dirname(file) };
      code(module.exports, requireFrom(file), module, file, dirname(file), meta);
    }
    return module.exports;
  };
  const asCommonJs = (source: string): string => {
    const ts = load(nodeRequire(entry).resolve("typescript")) as TypeScript;
    const { CommonJS } = ts.ModuleKind;
    const compilerOptions = { module: CommonJS, target: ts.ScriptTarget.ESNext, esModuleInterop: true };
    return ts.transpileModule(source, { compilerOptions }).outputText.replaceAll("import.meta", "__meta");
  };

  const ts = load(nodeRequire(entry).resolve("typescript")) as TypeScript;
  const { watchFile, watchDirectory, createHash: hash } = ts.sys;
  const closed = { close() {} };
  // What is watched or hashed by native code cannot be kept in a snapshot, and TypeScript remembers the folder it is first asked for.
  Object.assign(ts.sys, {
    watchFile: () => closed,
    watchDirectory: () => closed,
    getCurrentDirectory: () => process.cwd(),
  });
  const compiler = load(entry) as { warmUp(): void; serve(): void };
  compiler.warmUp();
  Object.assign(ts.sys, { createHash: hash, watchFile, watchDirectory });
  startupSnapshot.setDeserializeMainFunction(() => compiler.serve());
}
