import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installKernel } from "../../src/kernel/install.js";
import { packagePath } from "../../src/store/package.js";
import { checkExecuted } from "../support/executed.js";
import { python, whyNoPython } from "../support/python.js";

const RUN_TIMEOUT_MS = 240_000;
const whyNot = whyNoPython("nbclient", "nbformat", "ipykernel");

describe.skipIf(whyNot !== null)(`the notebooks of the project (${whyNot ?? "run by nbclient"})`, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kalshi-lab-nbclient-"));
    await installKernel({ dataFolder: folder });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("run to their end in Jupyter's own runner, each on a sandbox of its own, with charts", {
    timeout: RUN_TIMEOUT_MS,
  }, async () => {
    const from = packagePath("notebooks");
    const names = (await readdir(from)).filter((name) => name.endsWith(".ipynb"));
    expect(names.length).toBeGreaterThanOrEqual(3);
    const out = join(folder, "out");
    await mkdir(out);
    const env = {
      ...process.env,
      JUPYTER_PATH: folder,
      KALSHI_ENV: "sandbox",
      KALSHI_REST_URL: "",
      KALSHI_API_KEY_ID: "",
    };
    const files = names.map((name) => join(from, name));
    await promisify(execFile)(python, [join(import.meta.dirname, "execute.py"), out, ...files], { env });
    for (const name of names) {
      const { charts, tables } = await checkExecuted(join(out, name));
      expect(charts, name).toBeGreaterThanOrEqual(2);
      expect(tables, name).toBeGreaterThanOrEqual(1);
    }
  });
});
