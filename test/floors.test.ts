import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const src = fileURLToPath(new URL("../src", import.meta.url));

/** The house, from the roof to the ground: a floor imports from floors below it alone. */
const floors = [
  "index.ts",
  "cli",
  "kernel",
  "lab",
  "sandbox",
  "charts",
  "datasets",
  "analysis",
  "frames",
  "recorder",
  "flow",
  "book",
  "history",
  "exchange",
  "client",
  "store",
  "units",
  "errors.ts",
];

/** The rooms of the sandbox in the same order. A room may know the records of one above it, but never calls it. */
const rooms = [
  "sandbox.ts",
  "control",
  "rest",
  "socket",
  "faults",
  "replay",
  "state",
  "engine",
  "wire",
  "world",
  "types.ts",
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const imports = sourceFiles(src).flatMap(importsOf);

describe("the house", () => {
  it("has every floor, and no folder that is none", () => {
    expect(readdirSync(src).sort()).toEqual([...floors].sort());
  });

  it("imports point down: no floor knows one above it", () => {
    const upward = imports.filter(({ from, to }) => height(to) > height(from)).map(({ from, to }) => `${from} → ${to}`);
    expect(upward).toEqual([]);
  });

  it("only lab, cli and the index import the sandbox", () => {
    const users = imports.filter(({ to }) => floorOf(to) === "sandbox").map(({ from }) => floorOf(from));
    expect([...new Set(users)].filter((floor) => !["sandbox", "lab", "cli", "index.ts"].includes(floor))).toEqual([]);
  });

  it("inside the sandbox, values too are imported downward alone", () => {
    const inside = (file: string) => rooms.indexOf(/^sandbox\/([^/]+)/.exec(file)?.[1] ?? "");
    const upward = imports
      .filter(({ from, to, typeOnly }) => !typeOnly && inside(to) >= 0 && inside(from) > inside(to))
      .map(({ from, to }) => `${from} → ${to}`);
    expect(upward).toEqual([]);
  });

  it("the kernel knows no markets: it imports errors and the store's paths alone", () => {
    const known = imports.filter(({ from }) => floorOf(from) === "kernel").map(({ to }) => floorOf(to));
    expect([...new Set(known)].filter((floor) => !["kernel", "errors.ts", "store"].includes(floor))).toEqual([]);
  });

  it("units, book, flow, analysis and chart specs touch no network, disk, clock or chance", () => {
    const impure = sourceFiles(src)
      .filter((file) => ["units", "book", "flow", "analysis", "charts"].includes(floorOf(relative(src, file))))
      // What draws and saves a chart is not its spec.
      .filter((file) => !["charts/render.ts", "charts/chart.ts", "charts/html.ts"].includes(relative(src, file)))
      .flatMap((file) => {
        const text = readFileSync(file, "utf8");
        // The one clock, handed to whoever needs "now", lives in units/time.ts.
        const clock =
          relative(src, file) === "units/time.ts"
            ? []
            : (text.match(/\bDate\.now\(|\bperformance\.now\(|\bnew Date\(\)/g) ?? []);
        const reach =
          text.match(
            /\bMath\.random\(|from "node:(fs|net|http|https|child_process|worker_threads)[/"]|from "(undici|ws)"/g,
          ) ?? [];
        return [...clock, ...reach].map((found) => `${relative(src, file)}: ${found}`);
      });
    expect(impure).toEqual([]);
  });

  it("vega is imported lazily everywhere: a static import breaks notebooks", () => {
    const eager = sourceFiles(src).filter((file) =>
      /^import (?!type)[^\n]*from "vega(-lite)?"/m.test(readFileSync(file, "utf8")),
    );
    expect(eager).toEqual([]);
  });

  it("no module goes in a circle through values", () => {
    expect(cycles(imports.filter(({ typeOnly }) => !typeOnly))).toEqual([]);
  });
});

function floorOf(file: string): string {
  return file.split("/", 1)[0]!;
}

function height(file: string): number {
  return floors.length - floors.indexOf(floorOf(file));
}

function sourceFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(dir, name));
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    if (!specifier.startsWith(".")) return;
    const target = relative(src, resolve(dirname(file), specifier)).replace(/\.js$/, ".ts");
    if (!target.startsWith("..")) found.push({ from: relative(src, file), to: target, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node.importClause?.isTypeOnly === true);
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [target] = node.arguments;
      // A lazy import still is knowledge of the other floor, but cannot make a circle at load time.
      if (target !== undefined && ts.isStringLiteral(target)) add(target.text, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest));
  return found;
}

function cycles(edges: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      found.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const to of next.get(file) ?? []) walk(to, [...path, file]);
    state.set(file, "done");
  };
  for (const file of next.keys()) walk(file, []);
  return found;
}
