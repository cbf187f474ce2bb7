import { createRequire, isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import vm from "node:vm";
import type { CompiledCell } from "./messages.js";
import { tslabApi } from "./tslab-api.js";

type Load = (specifier: string) => Promise<Record<string, unknown>>;
type Require = (specifier: string) => unknown;

/** How cells reach modules: real imports, resolved from the notebook's folder, else from this package. */
export interface Modules {
  /** Imports what a cell names and returns the `require` its compiled code asks. */
  prepare(cell: CompiledCell): Promise<Require>;
  import: Load;
}

/**
 * Compiled cells call `require`, but what they mean is `import`: a package with both forms must give the cell the same
 * classes as it gives the library, and modules with a top-level await cannot be required at all. So everything a cell
 * imports is imported beforehand and its `require` answered from there.
 */
export function createModules(folder: string, base: Require): Modules {
  const fromNotebook = vm.runInThisContext("(specifier) => import(specifier)", {
    filename: join(folder, "__cell__.mjs"),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as Load;
  const sideOutputs = new Set<string>();
  const imported = new Map<string, unknown>([["tslab", tslabApi]]);

  const isSideOutput = (specifier: string) => {
    const path = resolve(folder, specifier).replaceAll("\\", "/");
    return sideOutputs.has(path) || sideOutputs.has(`${path}.js`);
  };

  const load: Load = async (specifier) => {
    if (specifier === "tslab") return tslabApi;
    if (specifier.startsWith(".") && isSideOutput(specifier)) return base(specifier) as Record<string, unknown>;
    try {
      return await fromNotebook(specifier);
    } catch (error) {
      if (specifier.startsWith(".") || !isMissing(error, specifier)) throw error;
      try {
        // From here, which is inside this package: a notebook outside any project still finds it.
        return (await import(specifier)) as Record<string, unknown>;
      } catch (second) {
        throw isMissing(second, specifier) ? error : second;
      }
    }
  };

  async function prepare(cell: CompiledCell): Promise<Require> {
    for (const { path } of cell.sideOutputs) sideOutputs.add(path);
    for (const specifier of cell.imports) {
      if (imported.has(specifier) || isBuiltin(specifier) || specifier.startsWith(".")) continue;
      imported.set(specifier, forRequire(await load(specifier)));
    }
    for (const specifier of cell.imports) {
      if (specifier.startsWith(".") && !isSideOutput(specifier)) await tryLocal(specifier);
    }
    const names = new Set(cell.imports);
    return (specifier) => (names.has(specifier) && imported.has(specifier) ? imported.get(specifier) : base(specifier));
  }

  async function tryLocal(specifier: string): Promise<void> {
    try {
      base(specifier);
    } catch (error) {
      if (codeOf(error) !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
      imported.set(specifier, forRequire(await load(specifier)));
    }
  }

  /** A namespace as compiled code expects it from `require`. */
  function forRequire(namespace: Record<string, unknown>): unknown {
    if (isCommonJs(namespace)) return namespace["module.exports"] ?? namespace.default;
    if (!("default" in namespace)) return namespace;
    return Object.defineProperty({ ...namespace }, "__esModule", { value: true });
  }

  return { prepare, import: load };
}

/** Node 23 and newer mark a CommonJS module's namespace; before that its exports are found among the loaded ones. */
function isCommonJs(namespace: Record<string, unknown>): boolean {
  if ("module.exports" in namespace) return true;
  if (Number.parseInt(process.versions.node, 10) >= 23) return false;
  const exports = namespace.default;
  const { cache } = createRequire(import.meta.url);
  return Object.values(cache).some((module) => module?.exports === exports);
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
}

function isMissing(error: unknown, specifier: string): boolean {
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return codeOf(error) === "ERR_MODULE_NOT_FOUND" && String(error).includes(`'${name}'`);
}
