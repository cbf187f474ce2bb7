import type tsModule from "typescript";
import type { CellError, Compilation, CompilerCalls, Completeness, Completion } from "./messages.js";
import { ParsedFiles } from "./parsed-files.js";
import { loadConverter, type TypeScript } from "./tslab-typescript.js";

/**
 * The compiler of cells: type-checks a cell against what earlier cells declared and leaves JavaScript that runs.
 *
 * It keeps no state: `declarations` goes in, and comes out with what the cell adds. Local files are found from the
 * working folder. Loading takes about a second, so this belongs on a thread of its own.
 */
export function createCompiler(parsed = new ParsedFiles()): CompilerCalls & { close(): void } {
  const { converter, ts, last } = loadConverter(parsed);

  function compile(declarations: string, code: string, label: string): Compilation {
    const syntax = syntaxErrors(ts, code);
    if (syntax.length > 0) return { status: "error", error: typeError(code, label, syntax) };
    const names = namesOf(ts, code);
    // tslab builds a program to learn the names, and another with their exports. With the exports from the beginning it needs one;
    // but its own name for the last expression it chooses by the names.
    last.isExported = !names.some((name) => name.startsWith("tsLastExpr"));
    const exported = names.length === 0 || !last.isExported ? "" : `\nexport {${names.join(", ")}}`;
    const converted = converter.convert(declarations, code + exported);
    if (converted.diagnostics.length > 0) {
      return { status: "error", error: typeError(code, label, converted.diagnostics) };
    }
    return {
      status: "ok",
      declarations: converted.declOutput ?? "",
      cell: {
        output: converted.output ?? "",
        lastExpression: converted.lastExpressionVar ?? null,
        sideOutputs: converted.sideOutputs ?? [],
        imports: ts.preProcessFile(code).importedFiles.map((file) => file.fileName),
        maps: last.maps,
      },
    };
  }

  function complete(declarations: string, code: string, cursor: number): Completion {
    try {
      const { start, end, candidates } = converter.complete(declarations, code, cursor);
      const typed = code.slice(start, cursor).toLowerCase();
      // tslab also lists names which merely contain what was typed.
      const matches = [...new Set(candidates.filter((name) => name.toLowerCase().startsWith(typed)))];
      return { start, end, matches, kinds: matches.map((name) => last.kinds.get(name) ?? "") };
    } catch {
      // Inside some string literals TypeScript asks for a language service, which a cell does not have.
      return { start: cursor, end: cursor, matches: [], kinds: [] };
    }
  }

  function inspect(declarations: string, code: string, cursor: number): string | null {
    for (const position of [cursor, cursor - 1]) {
      const info = position < 0 ? undefined : converter.inspect(declarations, code, position);
      if (info) return describe(info);
    }
    return null;
  }

  return { compile, complete, inspect, isComplete: (code) => completeness(ts, code), close: () => converter.close() };
}

interface Diagnostic {
  readonly start: { line: number; character: number };
  readonly end: { line: number; character: number };
  readonly messageText: string;
  readonly code: number;
  readonly fileName?: string | undefined;
}

function typeError(code: string, label: string, diagnostics: readonly Diagnostic[]): CellError {
  const lines = code.split("\n");
  const syntax = diagnostics[0]!.code < 2000;
  const traceback = diagnostics.flatMap(({ start, end, messageText, code: number, fileName }) => {
    const place = `${fileName ?? label}:${start.line + 1}:${start.character + 1} - TS${number}: ${messageText}`;
    const line = fileName === undefined ? lines[start.line] : undefined;
    if (line === undefined) return [place];
    const width = end.line === start.line ? end.character - start.character : line.length - start.character;
    return [place, `  ${line}`, `  ${" ".repeat(start.character)}${"~".repeat(Math.max(width, 1))}`];
  });
  return { ename: syntax ? "SyntaxError" : "TypeScriptError", evalue: traceback[0]!, traceback };
}

function describe(info: tsModule.QuickInfo): string {
  const text = (parts: readonly tsModule.SymbolDisplayPart[] | undefined) =>
    (parts ?? []).map((part) => part.text).join("");
  const tags = (info.tags ?? []).map((tag) => `@${tag.name} ${text(tag.text)}`.trimEnd());
  return [text(info.displayParts), text(info.documentation), tags.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}

function parse(ts: TypeScript, code: string): readonly tsModule.DiagnosticWithLocation[] {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  return Reflect.get(file, "parseDiagnostics") as readonly tsModule.DiagnosticWithLocation[];
}

/** What a cell declares at its top level. */
function namesOf(ts: TypeScript, code: string): string[] {
  const file = ts.createSourceFile("cell.ts", `export {};\n${code}`, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const { bindSourceFile } = ts as unknown as { bindSourceFile(file: tsModule.SourceFile, options: object): void };
  bindSourceFile(file, {});
  const { locals } = file as { locals?: ReadonlyMap<string, unknown> };
  return [...(locals?.keys() ?? [])];
}

/** Looked for before exports are appended its exports to the cell, which would blur where a bracket is missing. */
function syntaxErrors(ts: TypeScript, code: string): Diagnostic[] {
  return parse(ts, code).map(({ file, start, length, messageText, code: number }) => ({
    start: file.getLineAndCharacterOfPosition(start),
    end: file.getLineAndCharacterOfPosition(start + length),
    messageText: ts.flattenDiagnosticMessageText(messageText, "\n"),
    code: number,
  }));
}

/** Codes of what more text would cure wherever it began: an unclosed comment or template. */
const unclosed = new Set([1010, 1160]);
const unterminatedString = 1002;

function completeness(ts: TypeScript, code: string): Completeness {
  const diagnostics = parse(ts, code);
  if (diagnostics.length === 0) return { status: "complete" };
  const end = code.trimEnd().length;
  const curable = diagnostics.every(
    ({ start, code: number }) => unclosed.has(number) || (start >= end && number !== unterminatedString),
  );
  return curable ? { status: "incomplete", indent: indentAfter(code) } : { status: "invalid" };
}

function indentAfter(code: string): string {
  const line = code.slice(code.lastIndexOf("\n") + 1);
  const indent = /^\s*/.exec(line)![0];
  return /[{([]\s*$/.test(line) ? `${indent}  ` : indent;
}
