import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { createCompiler } from "../../src/kernel/compile.js";
import { ParsedFiles } from "../../src/kernel/parsed-files.js";

const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-docs-"));
writeFileSync(
  join(folder, "local.ts"),
  `/** A price of a contract. */
export interface Priced {
  /** In dollars. @see elsewhere */
  price: number;
  /** What it is worth. @param count contracts @returns dollars */
  worth(count: number): number;
}
export class Lot implements Priced {
  price = 1;
  worth(count: number) { return count * this.price; }
}
/** Two ways: by number. @deprecated use the other */
export function way(a: number): number;
/** Two ways: by text. */
export function way(a: string): string;
export function way(a: unknown): unknown { return a; }
/** A constant, told before its statement. */
export const fee = 7;
/** One of a few. */
export enum Side {
  /** The yes side. */ yes,
  no,
}
/** Keeps things. @typeParam T what */
export type Kept<T> = { readonly kept: T };
`,
);
const compiler = createCompiler();
afterAll(() => {
  compiler.close();
  rmSync(folder, { recursive: true });
});

/** Documentation and tags of the last name in some code, by TypeScript's own service, which parses all of it at once. */
function byService(code: string): string {
  const cell = join(folder, "oracle.ts");
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.esnext.d.ts"],
    types: ["node"],
    typeRoots: [join(import.meta.dirname, "../../node_modules/@types")],
  };
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [cell],
    getScriptVersion: () => "1",
    getScriptSnapshot: (file) => {
      const text = file === cell ? code : ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    readFile: ts.sys.readFile,
    fileExists: ts.sys.fileExists,
    directoryExists: ts.sys.directoryExists,
  });
  const found = service.getQuickInfoAtPosition(cell, code.length - 1);
  service.dispose();
  const text = (parts: readonly ts.SymbolDisplayPart[] = []) => parts.map((part) => part.text).join("");
  const tags = (found?.tags ?? []).map((tag) => `@${tag.name} ${text(tag.text)}`.trimEnd());
  return [text(found?.documentation), tags.join("\n")].filter(Boolean).join("\n\n");
}

describe("documentation that was not parsed with its file", () => {
  const local = `import * as local from "${join(folder, "local")}"; `;

  it.each([
    "Math.max",
    "[1].map",
    "new Map().get",
    "JSON.stringify",
    "Promise.allSettled",
    'import { readFileSync } from "node:fs"; readFileSync',
    'import { Duplex } from "node:stream"; new Duplex().pause',
    'import { createHash } from "node:crypto"; createHash("sha256").update',
    "process.cwd",
    "/** Mine. @param a what is given */ function own(a: number) { return a } own",
    "/** A number. */ const mine = 1; mine",
    `${local}local.fee`,
    `${local}local.way(1); local.way`,
    `${local}new local.Lot().worth`,
    `${local}new local.Lot().price`,
    `${local}let priced!: local.Priced; priced.worth`,
    `${local}local.Side.yes`,
    `${local}local.Side`,
    `${local}type Some = local.Kept`,
    `import { way as other } from "${join(folder, "local")}"; other`,
  ])("is what TypeScript finds that has parsed it: %s", (code) => {
    const expected = byService(code);
    expect(expected).not.toBe("");
    const shown = compiler.inspect("", code, code.length);
    expect(shown?.slice(-expected.length)).toBe(expected);
    // Asked again, it is the same, not twice as much.
    expect(compiler.inspect("", code, code.length)).toBe(shown);
  });

  it("is no part of what is kept of the files", () => {
    const parsed = new ParsedFiles({ collect: true });
    const other = createCompiler(parsed);
    other.compile("", "1", "Cell[1]");
    parsed.seal();
    let [documented, nodes] = [0, 0];
    const visit = (node: ts.Node): void => {
      nodes += 1;
      if ((node as { jsDoc?: unknown }).jsDoc !== undefined) documented += 1;
      ts.forEachChild(node, visit);
    };
    const host = { getSourceFile: () => undefined, getSourceFileByPath: () => undefined };
    parsed.offerTo(host);
    const kept = host.getSourceFile as unknown as (file: string, options: object) => ts.SourceFile | undefined;
    const file = join(ts.getDefaultLibFilePath({}), "../lib.es5.d.ts");
    const formats = [undefined, ts.ModuleKind.CommonJS, ts.ModuleKind.ESNext];
    visit(formats.map((impliedNodeFormat) => kept(file, { impliedNodeFormat })).find((found) => found !== undefined)!);
    expect(nodes).toBeGreaterThan(5_000);
    expect(documented).toBe(0);
    other.close();
  });
});
