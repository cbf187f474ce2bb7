import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCodes } from "../src/errors.js";
import { type Sandbox, startSandbox } from "../src/sandbox/sandbox.js";
import { runCli } from "./support/cli.js";
import { type Executed, NotebookFolder } from "./support/notebooks.js";
import { ownSandbox, variablesOf } from "./support/variables.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** A block of code on the page. */
interface Block {
  /** Heading above it, numbered where there are several. */
  readonly name: string;
  readonly code: string;
  /** What the page shows below it, or null. */
  readonly prints: string | null;
  readonly runs: boolean;
  /** Whether it connects by itself; the others go on with the `lab` of the first. */
  readonly connects: boolean;
}

const blocks = readBlocks(readme);
const running = blocks.filter(({ runs }) => runs);
const going = running.slice(1);

/** A folder as somebody has it who uses this package: its compiled form is found by name. */
const project = mkdtempSync(join(tmpdir(), "kalshi-readme-"));
let sandbox: Sandbox;

beforeAll(async () => {
  writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"), "junction");
  for (const block of blocks) writeFileSync(join(project, fileOf(block)), moduleOf(block));
  sandbox = await startSandbox();
});

afterAll(async () => {
  await sandbox.close();
  rmSync(project, { recursive: true, force: true });
});

describe("the code of the README", () => {
  it("begins with ten lines that start a sandbox of their own and print the table shown", async () => {
    const [first] = running;
    expect(first?.code.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(10);
    expect(await run(first!, ownSandbox)).toBe(first?.prints);
  });

  it.each(going)("$name runs to its end and prints what is shown", async (block) => {
    const printed = await run(block, variablesOf(sandbox));
    if (block.prints !== null) expect(printed).toBe(block.prints);
  });

  it("has correct types under the strictest settings", () => {
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config,
      ts.sys,
      root,
    );
    const program = ts.createProgram(
      blocks.map((block) => join(project, fileOf(block))),
      { ...options, noEmit: true },
    );
    const wrong = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const at = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      return `${file?.fileName.split("/").at(-1)}:${at} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
    expect(wrong).toEqual([]);
  });
});

describe("the same code in the cells of one notebook", () => {
  const folders: NotebookFolder[] = [];
  let done: Executed;

  beforeAll(async () => {
    const folder = await NotebookFolder.make();
    folders.push(folder);
    // The first block ends its lab, which the others go on with.
    const cells = running.map(({ code }, at) => (at === 0 ? code.replace("await lab.close();", "") : code));
    done = await folder.run([...cells, "await lab.close();"], { env: variablesOf(sandbox) });
  });

  afterAll(() => Promise.all(folders.map((folder) => folder.remove())));

  it("runs from the first to the last", () => {
    expect(done.summary.error).toBeUndefined();
    expect(done.summary.ok).toBe(true);
  });

  it.each(running.map((block, at) => ({ ...block, at })).filter(({ prints }) => prints !== null))(
    "$name prints what is shown",
    ({ at, prints }) => {
      const streams = done.outputs(at).filter(({ output_type }) => output_type === "stream");
      const text = streams.flatMap((output) => ("text" in output ? output.text : [])).join("");
      expect(text.trimEnd()).toBe(prints);
    },
  );
});

describe("what the README says", () => {
  it("lists every error code with its cause and cure, and no other", () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*?)\|$/gm)].filter(
      ([, code]) => !code!.startsWith("KALSHI_"),
    );
    expect(rows.map(([, code]) => code)).toEqual([...errorCodes]);
    expect(rows.filter(([, , cause, cure]) => cause === "" || cure === "")).toEqual([]);
  });

  it("names every command of the command line, and no other", async () => {
    const { stdout } = await runCli(["--help"]);
    const listed = stdout.slice(stdout.indexOf("Commands:"), stdout.indexOf("Examples:"));
    const commands = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!);
    const section = readme.slice(readme.indexOf("## Command line"), readme.indexOf("## The real exchange"));
    const named = [...section.matchAll(/^\| `([a-z]+)/gm)].map(([, name]) => name!);
    expect(named).toEqual(commands.filter((name) => name !== "help"));
  });

  it("draws the floors that there are", () => {
    const drawn = [...readme.matchAll(/^[├└]── ([\w.]+)/gm)].map(([, name]) => name!);
    expect(drawn.sort()).toEqual(readdirSync(join(root, "src")).sort());
  });

  it("links and calls only what is there", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const called = [...readme.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name]) => name!);
    const known = ["on", "there", ...Object.keys(scripts)];
    expect([...new Set(called)].filter((name) => !known.includes(name))).toEqual([]);
  });
});

function readBlocks(page: string): Block[] {
  const found: Block[] = [];
  const counts = new Map<string, number>();
  for (const match of page.matchAll(
    /(<!-- types only[^>]*-->\n\n)?```ts\n([\s\S]*?)\n```(?:\n\n```text\n([\s\S]*?)\n?```)?/g,
  )) {
    const heading =
      page
        .slice(0, match.index)
        .match(/^## .*$/gm)
        ?.at(-1)
        ?.slice(3) ?? "";
    const nth = (counts.get(heading) ?? 0) + 1;
    counts.set(heading, nth);
    const code = match[2]!;
    found.push({
      name: nth === 1 ? heading : `${heading} (${nth})`,
      code,
      prints: match[3] ?? null,
      runs: match[1] === undefined,
      connects: code.includes("await connect("),
    });
  }
  return found;
}

function moduleOf({ code, connects }: Block): string {
  if (connects) return `${code}\n`;
  return `import { connect } from "kalshi-lab";\nconst lab = await connect();\n${code}\nawait lab.close();\n`;
}

function fileOf({ name }: Block): string {
  return `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.ts`;
}

/** Runs a block as somebody would: a file, started by tsx in a folder of its own. Gives what it printed. */
function run(block: Block, env: Readonly<Record<string, string>>): Promise<string> {
  const cwd = join(project, `in-${fileOf(block)}`);
  mkdirSync(cwd);
  const args = ["--import", import.meta.resolve("tsx"), join(project, fileOf(block))];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, env: { ...process.env, ...env } }, (error, stdout) =>
      error === null ? resolve(stdout.trimEnd()) : reject(error),
    );
  });
}
