import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createCompiler } from "../../src/kernel/compile.js";
import type { Compilation } from "../../src/kernel/messages.js";
import { lookUpAgainLater, lookUpTimer } from "../../src/kernel/tslab-typescript.js";

// Pins what the kernel relies on in tslab's converter and in TypeScript's inside; look here first after an update.

let compiler: ReturnType<typeof createCompiler>;

beforeAll(() => {
  compiler = createCompiler();
});

afterAll(() => compiler.close());

function compile(code: string, declarations = ""): Extract<Compilation, { status: "ok" }> {
  const compiled = compiler.compile(declarations, code, "Cell[1]");
  if (compiled.status === "error") throw new Error(compiled.error.evalue);
  return compiled;
}

function errorOf(code: string): string {
  const compiled = compiler.compile("", code, "Cell[1]");
  return compiled.status === "error" ? compiled.error.traceback.join("\n") : "";
}

describe("the compiler of cells", () => {
  it("hands on what a cell declares, values and types", () => {
    const { declarations } = compile("interface Quote { price: number }\nconst quote: Quote = { price: 1 };");
    expect(compile("quote.price", declarations).cell.lastExpression).not.toBeNull();
    expect(() => compile("quote.size", declarations)).toThrow("Property 'size' does not exist on type 'Quote'");
  });

  it("keeps the declarations of a cell in which one type cannot be written down", () => {
    const { declarations } = compile("const Hidden = class { private x = 1 }; const seen = 5;");
    expect(() => compile("seen + 1", declarations)).not.toThrow();
  });

  it("finds types that are reached only through exports, and modern library types", () => {
    expect(() => compile("import { compile } from 'vega-lite'; compile")).not.toThrow();
    expect(() => compile("new Set([1]).union(new Set([2])).size")).not.toThrow();
    expect(() => compile("const text: string = process.version; await fetch('http://x')")).not.toThrow();
  });

  it("keeps a cell's own variable apart from the name that it has for the last expression", () => {
    const { cell, declarations } = compile("const tsLastExpr = 5; tsLastExpr + 1");
    expect(cell.lastExpression).not.toBe("tsLastExpr");
    expect(cell.output).toContain("exports.tsLastExpr = tsLastExpr");
    expect(compile("tsLastExpr + 1", declarations).cell.output).toContain("exports.tsLastExpr + 1");
  });

  it("exports all that a cell declares, however it is declared, once", () => {
    const { cell } = compile(
      `const { a, b: [c] } = { a: 1, b: [2] }; function f() {} class K {} enum E { One } namespace N { export const x = 1 }
       interface T { x: number } type U = T; let later: number; later = 3; var old = 4;`,
    );
    for (const name of ["a", "c", "f", "K", "E", "N", "later", "old"])
      expect(cell.output).toMatch(`exports.${name} = `);
    expect(cell.output).not.toMatch(/exports\.(T|U|b) = /);
  });

  it("leaves dynamic imports to be real imports", () => {
    expect(compile("const vega = await import('vega')").cell.output).toContain("await __tslab__.import('vega')");
  });

  it("leaves source maps of both its steps", () => {
    const { maps } = compile("const a: number = 1").cell;
    expect(maps.map((map) => (JSON.parse(map) as { version: number }).version)).toEqual([3, 3]);
  });

  it("points at a syntax error where it is, not at what was appended to the cell", () => {
    expect(errorOf("const a = 1;\nf(")).toBe("Cell[1]:2:3 - TS1005: ')' expected.\n  f(\n    ~");
  });

  it("lists every type error with the line it is in", () => {
    expect(errorOf("const a: number = '';\nconst b: string = 1;")).toBe(
      [
        "Cell[1]:1:7 - TS2322: Type 'string' is not assignable to type 'number'.",
        "  const a: number = '';",
        "        ~",
        "Cell[1]:2:7 - TS2322: Type 'number' is not assignable to type 'string'.",
        "  const b: string = 1;",
        "        ~",
      ].join("\n"),
    );
  });

  it("reads no package again for a further cell, and resolves nothing anew but the cell's own imports", () => {
    const { declarations } = compile("import { compile } from 'vega-lite'; const draw = compile;");
    compile("draw.name", declarations);
    const { sys } = createRequire(import.meta.url)("typescript") as typeof ts;
    const read = vi.spyOn(sys, "readFile");
    compile("draw.length", declarations);
    expect(read.mock.calls.map(([path]) => path).filter((path) => path.endsWith("package.json"))).toEqual([]);
    read.mockRestore();
  });

  it("completes nothing rather than fail inside an import's text", () => {
    expect(compiler.complete("", "import x from 'arq", 18).matches).toEqual([]);
  });

  it("keeps TypeScript's timer for looking modules up again out of tslab's, which has room for one", async () => {
    const tslab = { setTimeout: vi.fn(() => "tslab's"), clearTimeout: vi.fn() };
    const host = { ...tslab };
    lookUpAgainLater(host as never);
    const { setTimeout: schedule, clearTimeout: cancel } = host as never as Record<
      string,
      (...all: unknown[]) => unknown
    >;
    const { promise: lookedUp, resolve } = Promise.withResolvers<void>();
    const never = vi.fn();
    cancel!(schedule!(never, 1, lookUpTimer));
    schedule!(resolve, 2, lookUpTimer);
    await lookedUp;
    expect([never, tslab.setTimeout, tslab.clearTimeout].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
    cancel!(schedule!(never, 1, "timerToUpdateProgram"));
    expect(tslab.setTimeout).toHaveBeenCalledWith(never, 1, "timerToUpdateProgram");
    expect(tslab.clearTimeout).toHaveBeenCalledWith("tslab's");
    const text = readFileSync(createRequire(import.meta.url).resolve("typescript"), "utf8");
    expect(text).toMatch(new RegExp(`host\\.setTimeout\\(\\w+, 250, "${lookUpTimer}"\\)`));
  });
});
