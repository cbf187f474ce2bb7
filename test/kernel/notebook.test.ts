import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type CellReport, runNotebook } from "../../src/kernel/notebook.js";
import { type Executed, NotebookFolder, readExecuted } from "../support/notebooks.js";

let folder: NotebookFolder;

beforeAll(async () => {
  folder = await NotebookFolder.make();
});

afterAll(() => folder.remove());

describe("a notebook that succeeds", () => {
  let done: Executed;
  let pid: number;

  beforeAll(async () => {
    done = await folder.run([
      { type: "markdown", source: "# A title" },
      "const answer: number = 41; answer + 1", // 1
      "const answer = 'redeclared'; answer.toUpperCase()", // 2
      "const body = await (await Promise.resolve({ json: async () => ({ ok: 1 }) })).json(); body", // 3
      "let sum = 0; for await (const n of [1, Promise.resolve(2)]) sum += n; sum", // 4
      "for (let i = 0; i < 5000; i++) console.log(i)", // 5
      "setTimeout(() => console.log('late'), 20); 'early'", // 6
      "await new Promise((resolve) => setTimeout(resolve, 60)); 'after it'", // 7
      "import { compile } from 'vega-lite'; import { Decimal } from 'decimal.js'; [typeof compile, typeof Decimal]", // 8
      "const vega = await import('vega'); typeof vega.View", // 9
      "import { table } from 'arquero'; table({ price: [0.5, null], title: ['<b>', 'x'] })", // 10
      "Promise.resolve(undefined)", // 11
      "null", // 12
      "({ [Symbol.for('Jupyter.display')]: async () => ({ 'image/png': new Uint8Array([1, 2, 3]) }) })", // 13
      `const notebook = globalThis[Symbol.for("kalshi-lab.notebook")];
       notebook.display({ "text/plain": "0 rows" }, { displayId: "progress" })`, // 14
      `notebook.update("progress", { "text/plain": "500 rows" }); console.error("warned")`, // 15
      "enum Side { Yes, No }\ninterface Quote { side: Side }\n@((c) => c) class Book { q: Quote }\nSide.No", // 16
      "const quote: Quote = { side: Side.Yes }; using closing = { [Symbol.dispose]() {} }; quote.side", // 17
      "const half = 0.5, title = 'x'; let shown = {};", // 18
      "({ shown } = { shown: { half, inner: { title } } }); shown", // 19
      "process.pid", // 20
    ]);
    pid = Number(done.text(20));
  });

  it("is reported as such, with every code cell counted and its charts", () => {
    expect(done.summary).toMatchObject({ ok: true, interrupted: false, cells: 20, charts: 1 });
    expect(done.summary.error).toBeUndefined();
  });

  it("has execution counts, results, ids and times in the copy", () => {
    expect(done.notebook.nbformat_minor).toBe(5);
    const [, first] = done.notebook.cells;
    expect(first).toMatchObject({ id: "cell-1", execution_count: 1 });
    expect(first?.metadata.execution).toHaveProperty("shell.execute_reply");
    const data = { "text/plain": ["42"] };
    expect(done.outputs(1)).toEqual([{ output_type: "execute_result", data, metadata: {}, execution_count: 1 }]);
    expect(done.notebook.metadata).toMatchObject({ language_info: { name: "typescript" } });
    expect(done.notebook.cells[0]).not.toHaveProperty("outputs");
  });

  it("can redeclare a const with another type", () => expect(done.text(2)).toBe("'REDECLARED'"));

  it("can await in parentheses and iterate with for await", () => {
    expect(done.text(3)).toBe("{ ok: 1 }");
    expect(done.text(4)).toBe("3");
  });

  it("loses none of 5000 lines written in a loop, and merges them into one output", () => {
    expect(done.outputs(5)).toHaveLength(1);
    expect(done.text(5)).toBe(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(""));
  });

  it("puts output that comes late into the cell that caused it", () => {
    expect(done.text(6)).toBe("'early'late\n");
    expect(done.text(7)).toBe("'after it'");
  });

  it("imports modules with a top-level await, statically and dynamically", () => {
    expect(done.text(8)).toBe("[ 'function', 'function' ]");
    expect(done.text(9)).toBe("'function'");
  });

  it("shows a table as HTML with its text escaped and its nulls visible", () => {
    const [output] = done.outputs(10);
    const html = output?.output_type === "execute_result" ? String(output.data["text/html"]) : "";
    expect(html).toContain("&lt;b&gt;");
    expect(html).toContain("null</span>");
    expect(html).toContain("2 rows × 2 columns");
  });

  it("prints nothing for undefined and null, promised or not", () => {
    expect(done.outputs(11)).toEqual([]);
    expect(done.outputs(12)).toEqual([]);
  });

  it("lets a value show itself, bytes becoming base64", () => {
    expect(done.outputs(13)).toMatchObject([{ output_type: "execute_result", data: { "image/png": "AQID" } }]);
  });

  it("updates a display where it stands, from a later cell", () => {
    expect(done.text(14)).toBe("500 rows");
    expect(done.outputs(15)).toEqual([{ output_type: "stream", name: "stderr", text: ["warned\n"] }]);
  });

  it("understands enums, decorators, types of earlier cells and using", () => {
    expect(done.text(16)).toBe("1");
    expect(done.text(17)).toBe("0");
  });

  it("reaches variables of earlier cells in shorthand properties too", () => {
    expect(done.text(19)).toBe("{ half: 0.5, inner: { title: 'x' } }");
  });

  it("has ended its process", () => expect(() => process.kill(pid, 0)).toThrow("ESRCH"));
});

describe("a cell that fails", () => {
  it("stops the notebook with the line of the user's own code", async () => {
    const { summary, outputs, notebook } = await folder.run([
      "interface Unused {}\n\n\nfunction fails(): never {\n  throw new TypeError('expected');\n}",
      "console.log('before')\nfails()",
      "'never'",
    ]);
    expect(summary).toMatchObject({ ok: false, cells: 2, error: { cell: 2, ename: "TypeError", evalue: "expected" } });
    expect(summary.error?.traceback).toEqual([
      "TypeError: expected",
      "    at fails (Cell[1]:5:9)",
      "    at Cell[2]:2:1",
    ]);
    expect(outputs(1).at(-1)).toMatchObject({ output_type: "error", ename: "TypeError" });
    expect(notebook.cells[2]).toMatchObject({ execution_count: null, outputs: [] });
  });

  it("fails before it runs when a type is wrong, and says where", async () => {
    const { summary } = await folder.run(["const a = 1;\nconst b: number = 'text';"]);
    expect(summary.error?.ename).toBe("TypeScriptError");
    expect(summary.error?.evalue).toContain("Cell[1]:2:7 - TS2322");
    expect(summary.error?.traceback.join("\n")).toContain("  const b: number = 'text';\n        ~");
  });

  it("lets the notebook go on where errors are allowed, and keeps what it declared", async () => {
    const cells = [
      "const kept = 5;\nthrow new Error('one')",
      "kept",
      { source: "throw 'two'", tags: ["raises-exception"] },
    ];
    const allowed = await folder.run(cells, { allowErrors: true });
    expect(allowed.summary).toMatchObject({ ok: true, cells: 3 });
    expect(allowed.text(1)).toBe("5");
    const tagged = await folder.run(cells.slice(2));
    expect(tagged.summary.ok).toBe(true);
    expect(tagged.text(0)).toBe("Thrown: 'two'");
  });

  it("is interrupted after the time it may take, in whatever loop it is, and keeps its output", async () => {
    const loops = ["for (;;) {}", "await new Promise((r) => setTimeout(r, 5)); for (;;) {}", "for (;;) await 0"];
    const { summary, text } = await folder.run(
      ["const kept = 'kept';", ...loops.map((loop) => `console.log('begun'); ${loop}`), "kept"],
      { cellTimeoutMs: 400, allowErrors: true },
    );
    expect(summary.cells).toBe(5);
    for (const cell of [1, 2, 3]) expect(text(cell)).toBe("begun\nTimeout: the cell ran longer than 400 ms");
    expect(text(4)).toBe("'kept'");
  });

  it("is named when its process dies, in the copy too", async () => {
    const { summary, text } = await folder.run([
      "'first'",
      "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
    ]);
    expect(summary).toMatchObject({ ok: false, error: { cell: 2, ename: "KernelDied" } });
    expect(text(0)).toBe("'first'");
    expect(text(1)).toContain("KernelDied");
  });

  it("may not end the process by process.exit()", async () => {
    const { summary } = await folder.run(["process.exit(0)"]);
    expect(summary.error?.evalue).toContain("would end the notebook");
  });
});

describe("parameters", () => {
  it("go into a cell after the one tagged so, and replace those of an earlier run", async () => {
    const cells = [
      { source: "let ticker = 'A'; let limit = 1;", tags: ["parameters"] },
      { source: "let ticker = 'earlier';", tags: ["injected-parameters"] },
      "({ ticker, limit })",
    ];
    const { notebook, text, summary } = await folder.run(cells, { parameters: { ticker: "B\n'", limit: [1, 2] } });
    expect(summary.ok).toBe(true);
    expect(notebook.cells).toHaveLength(3);
    expect(notebook.cells[1]?.metadata.tags).toEqual(["injected-parameters"]);
    expect(text(2)).toBe(`{ ticker: "B\\n'", limit: [ 1, 2 ] }`);
  });

  it("are refused when they cannot be variables", async () => {
    const run = folder.run(["1"], { parameters: { "a; process.exit()": 1 } });
    await expect(run).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});

describe("a run", () => {
  it("writes the copy as far as it came when it is aborted, within a loop that never ends", async () => {
    const marker = join(folder.path, "marker");
    const file = await folder.write([
      "console.log('done')",
      `import { writeFileSync } from "node:fs"; console.log('begun'); writeFileSync(${JSON.stringify(marker)}, ""); for (;;) {}`,
      "'never'",
    ]);
    const outFile = join(folder.path, "out", "aborted.ipynb");
    const controller = new AbortController();
    const running = runNotebook({ file, outFile, signal: controller.signal });
    await vi.waitUntil(() => existsSync(marker), { timeout: 30_000 });
    controller.abort();
    expect(await running).toMatchObject({ ok: false, interrupted: true, error: { cell: 2, ename: "Interrupted" } });
    const { text, notebook } = await readExecuted(outFile);
    expect([text(0), text(1)]).toEqual(["done\n", "begun\nInterrupted: the cell was interrupted"]);
    expect(notebook.cells[2]?.execution_count).toBeNull();
  });

  it("goes on beside another one", async () => {
    const meet = (mine: string, other: string) => [
      `import { existsSync, writeFileSync } from "node:fs";
       writeFileSync(${JSON.stringify(join(folder.path, mine))}, "");
       while (!existsSync(${JSON.stringify(join(folder.path, other))})) await new Promise((r) => setTimeout(r, 5));`,
    ];
    const both = await Promise.all([folder.run(meet("left", "right")), folder.run(meet("right", "left"))]);
    expect(both.map(({ summary }) => summary.ok)).toEqual([true, true]);
  });

  it("keeps what the last cell writes past Node, after it has ended too", async () => {
    const { text } = await folder.run([
      'import { writeSync } from "node:fs"; process.once("beforeExit", () => writeSync(1, "late from below\\n")); writeSync(1, "from below\\n"); null',
    ]);
    expect(text(0)).toBe("from below\nlate from below\n");
  });

  it("takes and keeps line separators that JSON leaves as they are", async () => {
    const { summary, text } = await folder.run([
      "const text = 'a\u2028b\u2029c'; text.length",
      "throw new Error(text)",
    ]);
    expect(text(0)).toBe("5");
    expect(summary.error).toMatchObject({ cell: 2, evalue: "a\u2028b\u2029c" });
  });

  it("tells of every cell as it ends", async () => {
    const told: CellReport[] = [];
    await folder.run(["1", { type: "markdown", source: "text" }, "2"], { onCell: (cell) => told.push(cell) });
    expect(told).toMatchObject([
      { index: 0, executionCount: 1, ok: true },
      { index: 2, executionCount: 2, ok: true },
    ]);
  });

  it("resolves local files and packages from the notebook's folder", async () => {
    await folder.file("lib/half.ts", "export const half = (n: number): number => n / 2;\n");
    await folder.file("node_modules/tiny/package.json", '{"name":"tiny","type":"module","exports":"./index.js"}');
    await folder.file("node_modules/tiny/index.js", "export const tiny = await Promise.resolve('esm');\n");
    const { text, summary } = await folder.run([
      "import { half } from './lib/half'; half(5)",
      "// @ts-ignore\nimport { tiny } from 'tiny'; tiny",
    ]);
    expect(summary.error).toBeUndefined();
    expect([text(0), text(1)]).toEqual(["2.5", "'esm'"]);
  });

  it("finds a package that was installed after it had been asked for in vain", async () => {
    const ask = "import { come } from 'comes-later'; const checked: number = come; checked";
    const at = JSON.stringify(join(folder.path, "node_modules/comes-later"));
    const { text } = await folder.run(
      [
        ask,
        `import { mkdirSync, writeFileSync } from "node:fs";
         mkdirSync(${at}, { recursive: true });
         writeFileSync(${at} + "/package.json", '{"name":"comes-later","main":"./index.js","types":"./index.d.ts"}');
         writeFileSync(${at} + "/index.d.ts", "export declare const come: number;");
         writeFileSync(${at} + "/index.js", "exports.come = 42;");`,
        ask,
      ],
      { allowErrors: true },
    );
    expect([text(0).split("\n")[0], text(2)]).toEqual([expect.stringContaining("TS2307"), "42"]);
  });

  it("finds a local file that was not there when it was first asked for", async () => {
    const ask = "import { late } from './later'; late";
    const { text } = await folder.run(
      [ask, `import { writeFileSync } from "node:fs"; writeFileSync("later.ts", "export const late = 'found';")`, ask],
      { allowErrors: true },
    );
    expect([text(0).split("\n")[0], text(2)]).toEqual([expect.stringContaining("TS2307"), "'found'"]);
  });

  it("refuses what is not a notebook of this language", async () => {
    const outFile = join(folder.path, "out", "refused.ipynb");
    const python = await folder.write(["1"], { metadata: { kernelspec: { name: "python3", language: "python" } } });
    await expect(runNotebook({ file: python, outFile })).rejects.toMatchObject({ code: "NOTEBOOK_INVALID" });
    const text = await folder.file("broken.ipynb", "{");
    await expect(runNotebook({ file: text, outFile })).rejects.toMatchObject({ code: "NOTEBOOK_INVALID" });
    const missing = runNotebook({ file: join(folder.path, "none.ipynb"), outFile });
    await expect(missing).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
