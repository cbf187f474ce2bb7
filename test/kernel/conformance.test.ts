import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installKernel } from "../../src/kernel/install.js";
import { NotebookFolder } from "../support/notebooks.js";
import { python, whyNoPython } from "../support/python.js";

// Jupyter's own clients and its own tests of kernels, where there is a Python that has them.
const reason = whyNoPython("jupyter_kernel_test", "nbformat", "nbclient");

describe("Jupyter's own tools", () => {
  let folder: NotebookFolder;

  beforeAll(async () => {
    folder = await NotebookFolder.make();
    await installKernel({ dataFolder: folder.path });
  });

  afterAll(() => folder.remove());

  function runPython(...args: string[]): { status: number | null; output: string } {
    const env = { ...process.env, JUPYTER_PATH: folder.path, KERNEL_NAME: "kalshi-lab" };
    const { status, stdout, stderr } = spawnSync(python, args, { env, encoding: "utf8", cwd: folder.path });
    return { status, output: stdout + stderr };
  }

  it("find the kernel conformant", { timeout: 180_000 }, ({ skip }) => {
    skip(reason !== null, reason ?? undefined);
    const { status, output } = runPython(join(import.meta.dirname, "conformance.py"));
    expect(status, output).toBe(0);
    // Only the pager, which Jupyter has given up.
    expect(output).toMatch(/OK \(skipped=1\)/);
  });

  it("find what the headless runner writes valid", async ({ skip }) => {
    skip(reason !== null, reason ?? undefined);
    const cells = [
      "console.log('x')",
      "({ a: 1 })",
      { type: "markdown", source: "text" },
      "throw new Error('expected')",
    ];
    const { outFile } = await folder.run([...cells, { source: "let n = 1", tags: ["parameters"] }], {
      allowErrors: true,
      parameters: { n: 2 },
    });
    const check = "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT))";
    const { status, output } = runPython("-W", "error", "-c", check, outFile);
    expect(status, output).toBe(0);
  });

  it("execute a notebook with it", { timeout: 60_000 }, async ({ skip }) => {
    skip(reason !== null, reason ?? undefined);
    const file = await folder.write(["const a: number = 41;", "console.log('before'); a + 1"]);
    const code = [
      "import nbformat, nbclient, sys",
      "notebook = nbformat.read(sys.argv[1], as_version=4)",
      "nbclient.NotebookClient(notebook, kernel_name='kalshi-lab', timeout=30).execute()",
      "print([[o.output_type for o in c.outputs] for c in notebook.cells], [c.execution_count for c in notebook.cells])",
    ].join("\n");
    const { status, output } = runPython("-c", code, file);
    expect(status, output).toBe(0);
    expect(output).toContain("[[], ['stream', 'execute_result']] [1, 2]");
  });
});
