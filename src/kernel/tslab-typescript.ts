import Module, { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import type { Converter } from "tslab/dist/converter.js";
import type tsModule from "typescript";
import { cellBuilder } from "./cell-builder.js";
import { readDocsOnDemand } from "./docs-on-demand.js";
import { ParsedFiles, type ProgramHost } from "./parsed-files.js";

export type TypeScript = typeof tsModule;

/** What tslab does not hand on. */
export interface Last {
  /** Source maps of the cell that was converted last: TypeScript → ES modules → CommonJS, last step first. */
  maps: string[];
  /** Whether the cell to be converted next already ends with its exports. */
  isExported: boolean;
  /** What the names are that were proposed last, by name: `function`, `const`, `method`, … */
  kinds: ReadonlyMap<string, string>;
}

const requireHere = createRequire(import.meta.url);
const tslabRequire = createRequire(requireHere.resolve("tslab/package.json"));
/** The root of this package: the same from `src/kernel` and `dist/kernel`. */
const packageRoot = dirname(dirname(import.meta.dirname));
const typeRoot = findTypeRoot();
/** What cells find beside Node's own: `input`. */
const cellGlobals = join(packageRoot, "assets", "kernel", "cell-globals.d.ts");

/**
 * tslab's converter on the TypeScript of this project instead of tslab's own fork of 5.0.4.
 *
 * Two steps of tslab's are corrected on the way: module resolution is `Bundler`, so that types reached only through
 * `exports` are found and our own package is found from anywhere; and `import()` stays a real import instead of
 * becoming `require`, which cannot load modules with a top-level await. A test pins what is relied on here.
 *
 * @param parsed declarations that need not be parsed again
 */
export function loadConverter(parsed: ParsedFiles): { converter: Converter; ts: TypeScript; last: Last } {
  loaded ??= load();
  loaded.parsed = parsed;
  const { createConverter, ts, last } = loaded;
  return { converter: createConverter(), ts, last };
}

interface Loaded {
  readonly createConverter: () => Converter;
  readonly ts: TypeScript;
  readonly last: Last;
  parsed: ParsedFiles;
}

/** Loaded once: what is in a snapshot of the process cannot be loaded again. */
let loaded: Loaded | undefined;

function load(): Loaded {
  const ts = requireHere("typescript") as TypeScript;
  readDocsOnDemand(ts);
  const last: Last = { maps: [], isExported: false, kinds: new Map() };
  takeThePlaceOf(tslabRequire.resolve("@tslab/typescript-for-tslab"), shimmed(ts, last));
  const { createConverter } = tslabRequire("./dist/converter.js") as Pick<Loaded, "createConverter">;
  return { createConverter, ts, last, parsed: new ParsedFiles() };
}

/** tslab's exports are getters that cannot be redefined, so the whole module is replaced before it is first loaded. */
export function takeThePlaceOf(filename: string, exports: unknown): void {
  const stand = new Module(filename);
  stand.filename = filename;
  stand.loaded = true;
  stand.exports = exports;
  requireHere.cache[filename] = stand;
}

function shimmed(ts: TypeScript, last: Last): object {
  const completions = Reflect.get(ts, "Completions") as Readonly<Record<string, unknown>>;
  const complete = completions.getCompletionsAtPosition as (...all: unknown[]) => tsModule.CompletionInfo | undefined;
  return {
    ...ts,
    Completions: {
      ...completions,
      getCompletionsAtPositionForTslab: (...all: unknown[]) => {
        const found = complete(...all);
        last.kinds = new Map(found?.entries.map(({ name, kind }) => [name, kind]));
        return found;
      },
    },
    createWatchCompilerHost: watchHost(ts, last),
    getDefaultTypeRoots: () => [typeRoot],
    getNullTransformationContext: () => undefined,
    getPreEmitDiagnosticsOfFiles: (program: tsModule.Program, files: readonly tsModule.SourceFile[]) =>
      ts.sortAndDeduplicateDiagnostics(
        files.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
      ),
    getQuickInfoAtPosition: quickInfo(ts),
    transpileModule: transpile(ts, last),
  };
}

/** The folder of type packages that has Node's: ours when it is installed, else the one tslab depends on. */
function findTypeRoot(): string {
  for (const from of [requireHere, tslabRequire]) {
    try {
      return dirname(dirname(from.resolve("@types/node/package.json")));
    } catch {
      // Not installed there.
    }
  }
  return join(packageRoot, "node_modules", "@types");
}

/** Node 24 runs everything of the language itself, `using` too. */
function runtimeTarget(ts: TypeScript): tsModule.ScriptTarget {
  return Number.parseInt(process.versions.node, 10) >= 24 ? ts.ScriptTarget.ESNext : ts.ScriptTarget.ES2022;
}

type WatchHost = tsModule.WatchCompilerHostOfFilesAndCompilerOptions<tsModule.BuilderProgram>;

function watchHost(ts: TypeScript, last: Last) {
  return (
    files: string[],
    options: Record<string, unknown>,
    system: tsModule.System,
    ...rest: unknown[]
  ): WatchHost => {
    const { noImplicitUseStrict: _removed, disableTopLevelAwait: _fork, ...kept } = options;
    const patched: tsModule.CompilerOptions = {
      ...kept,
      ignoreDeprecations: "6.0",
      // Strictness would make exploring a chore, as every `.find(…)` would need a `!`; who wants it asks for it.
      strict: process.env.KALSHI_LAB_STRICT === "1",
      target: runtimeTarget(ts),
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.esnext.d.ts"],
      types: ["node"],
      typeRoots: [typeRoot],
      inlineSourceMap: true,
    };
    const create = ts.createWatchCompilerHost as (...all: unknown[]) => WatchHost;
    // A builder without state: what depends on what, of hundreds of files, would be found anew for every cell.
    const [, ...reporters] = rest;
    const host = create([...files, cellGlobals], patched, system, ts.createAbstractBuilder, ...reporters);
    const { createProgram } = host;
    host.createProgram = (...all) => {
      loaded?.parsed.offerTo(all[2] as ProgramHost);
      return cellBuilder(ts, createProgram(...all), last.isExported);
    };
    host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
    lookUpAgainLater(host);
    const cache = ts.createModuleResolutionCache(system.getCurrentDirectory(), (name) => name, patched);
    const fallback = join(packageRoot, "cell.ts");
    // Without these two, TypeScript reads every package.json and resolves every import of every file again for every cell.
    host.getModuleResolutionCache = () => cache;
    // What a cell or a local file looked for in vain is looked for again.
    const looksAgain = (file: string) => !file.endsWith(".d.ts") || files.includes(file);
    const unresolved = new Set<string>();
    host.hasInvalidatedResolutions = (path) => unresolved.has(path);
    // Kept by hand: else TypeScript asks the disk for every import of every file in every cell, and longest for Node's
    // own modules, which are declared and never found.
    const found = new Map<string, tsModule.ResolvedModuleWithFailedLookupLocations>();
    host.resolveModuleNameLiterals = (literals, containing, redirect, settings) => {
      unresolved.delete(containing);
      return literals.map(({ text }) => {
        if (isBuiltin(text) || isInside(text, containing)) return { resolvedModule: undefined };
        const key = `${dirname(containing)} ${text}`;
        const known = found.get(key);
        if (known !== undefined) return known;
        // A file or a package may come while the notebook is open: that it was not there is not kept, and this cache would keep it.
        const here = ts.resolveModuleName(text, containing, settings, host, undefined, redirect);
        // A notebook outside any project still finds this package and what it is made of.
        const resolved =
          here.resolvedModule || text.startsWith(".")
            ? here
            : ts.resolveModuleName(text, fallback, settings, host, undefined, redirect);
        if (resolved.resolvedModule) found.set(key, resolved);
        else if (looksAgain(containing)) unresolved.add(containing);
        return resolved;
      });
    };
    return host;
  };
}

/** The engine of files and SQL is named in what this package keeps to itself and nowhere else: its hundreds of declarations are of no use. */
function isInside(specifier: string, containing: string): boolean {
  return specifier.startsWith("@duckdb/") && containing.startsWith(join(packageRoot, "dist"));
}

/** TypeScript's name for the timer after which it looks for modules again; a test holds it to that. */
export const lookUpTimer = "timerToInvalidateFailedLookupResolutions";

/**
 * When a package changes while the kernel runs (an installation), TypeScript sets a second timer, to look for modules again. tslab has room
 * for one, that of rebuilding, and every cell after it would fail; so this one becomes a real timer.
 */
export function lookUpAgainLater(host: Pick<WatchHost, "setTimeout" | "clearTimeout">): void {
  const { setTimeout: schedule, clearTimeout: cancel } = host;
  const timers = new Set<unknown>();
  host.setTimeout = (callback, ms, ...rest: unknown[]) => {
    if (rest[0] !== lookUpTimer) return schedule!(callback, ms, ...rest);
    const timer = setTimeout(() => {
      timers.delete(timer);
      callback();
    }, ms);
    timers.add(timer);
    return timer;
  };
  host.clearTimeout = (timer) => {
    if (timers.delete(timer)) clearTimeout(timer as NodeJS.Timeout);
    else if (timer !== undefined) cancel!(timer);
  };
}

function quickInfo(ts: TypeScript) {
  const internal = ts as unknown as {
    getTouchingPropertyName(file: tsModule.SourceFile, position: number): tsModule.Node;
    SymbolDisplay: {
      getSymbolDisplayPartsDocumentationAndSymbolKind(
        checker: tsModule.TypeChecker,
        symbol: tsModule.Symbol,
        file: tsModule.SourceFile,
        enclosing: tsModule.Node,
        location: tsModule.Node,
      ): Pick<tsModule.QuickInfo, "displayParts" | "documentation" | "tags">;
    };
  };
  return (file: tsModule.SourceFile, checker: tsModule.TypeChecker, _token: unknown, position: number) => {
    const node = internal.getTouchingPropertyName(file, position);
    const symbol = node === file ? undefined : checker.getSymbolAtLocation(node);
    if (symbol === undefined) return undefined;
    const parts = internal.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker,
      symbol,
      file,
      file,
      node,
    );
    return {
      ...parts,
      kind: "",
      kindModifiers: "",
      textSpan: { start: node.getStart(file), length: node.getWidth(file) },
    };
  };
}

const inlineMap = /\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]*)\s*$/;

/** The step to CommonJS, keeping both source maps and real imports. */
function transpile(ts: TypeScript, last: Last) {
  return (code: string, options: tsModule.TranspileOptions): tsModule.TranspileOutput => {
    const first = inlineMap.exec(code);
    const { noImplicitUseStrict: _removed, ...kept } = options.compilerOptions as Record<string, unknown>;
    const result = ts.transpileModule(first === null ? code : code.slice(0, first.index), {
      ...options,
      compilerOptions: { ...kept, target: runtimeTarget(ts), sourceMap: true, ignoreDeprecations: "6.0" },
      transformers: { before: [keepDynamicImport(ts)] },
    });
    last.maps = [result.sourceMapText ?? "", Buffer.from(first?.[1] ?? "", "base64").toString()];
    return { ...result, outputText: result.outputText.replace(/\n\/\/# sourceMappingURL=\S*\s*$/, "\n") };
  };
}

function keepDynamicImport(ts: TypeScript): tsModule.TransformerFactory<tsModule.SourceFile> {
  return (context) => (file) => {
    const visit = (node: tsModule.Node): tsModule.Node => {
      const inner = ts.visitEachChild(node, visit, context);
      if (!ts.isCallExpression(inner) || inner.expression.kind !== ts.SyntaxKind.ImportKeyword) return inner;
      const { factory } = context;
      const load = factory.createPropertyAccessExpression(factory.createIdentifier("__tslab__"), "import");
      return factory.updateCallExpression(inner, load, inner.typeArguments, inner.arguments);
    };
    return ts.visitEachChild(file, visit, context);
  };
}
