import { createCompiler } from "./compile.js";
import { answerTo, type Call } from "./compiler-calls.js";
import { Lines } from "./lines.js";
import { ParsedFiles } from "./parsed-files.js";

const parsed = new ParsedFiles({ collect: true });

/**
 * Before the snapshot of this process: compiles what cells begin with, so that all of it is loaded, and the declarations of Node, of this
 * package and of arquero are parsed. Nothing is completed: that sorts by the rules of a language, which a snapshot cannot keep.
 */
export function warmUp(): void {
  const compiler = createCompiler(parsed);
  let declarations = "";
  for (const code of warmCells) {
    compiler.isComplete(code);
    const compiled = compiler.compile(declarations, code, "Cell[1]");
    if (compiled.status === "ok") declarations = compiled.declarations;
    compiler.inspect(declarations, code, 0);
  }
  compiler.close();
  parsed.seal();
}

const warmCells = [
  "const first: number = 41; console.log(first + 1); first",
  "const wrong: string = first",
  'import { connect } from "kalshi-lab"; import { table } from "arquero"; const t = table({ a: [1, 2] }); t',
  "const rows = t.numRows(); async function later() { for await (const x of [rows]) await x }; await later(); t.",
];

/** After it: answers calls in order, a line each, until there is nobody to ask. */
export function serve(): void {
  // Standard output belongs to the answers.
  console.log = console.error;
  // An interrupt, which a terminal sends to all of its processes, is for the cell.
  process.on("SIGINT", () => {});
  const compiler = createCompiler(parsed);
  const lines = new Lines();
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (text: string) => {
    for (const line of lines.push(text)) {
      process.stdout.write(`${JSON.stringify(answerTo(compiler, JSON.parse(line) as Call))}\n`);
    }
  });
  process.stdin.on("end", () => process.exit());
  // Where the kernel was killed while its answer was being written.
  process.stdout.on("error", () => process.exit());
}
