import { spawnSync } from "node:child_process";
import { copyFile, lstat, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const script = join(import.meta.dirname, "..", "..", "scripts", "link-self.mjs");
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "kalshi-link-")));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function packageAt(...path: string[]): Promise<string> {
  const root = join(folder, ...path);
  await mkdir(join(root, "scripts"), { recursive: true });
  await mkdir(join(root, "node_modules"), { recursive: true });
  await writeFile(join(root, "package.json"), '{"name":"kalshi-lab"}');
  await copyFile(script, join(root, "scripts", "link-self.mjs"));
  return root;
}

function prepare(root: string): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts", "link-self.mjs")], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
}

describe("the prepare script", () => {
  it("lets the project's own notebooks import the package by its name, however often it runs", async () => {
    const root = await packageAt("project");
    for (let times = 0; times < 2; times += 1) {
      prepare(root);
      expect(await realpath(join(root, "node_modules", "kalshi-lab"))).toBe(root);
    }
  });

  it("does nothing where the package is a dependency of another", async () => {
    const root = await packageAt("other", "node_modules", "kalshi-lab");
    prepare(root);
    expect(await readdir(join(root, "node_modules"))).toEqual([]);
  });

  it("leaves a real folder of that name alone and says so", async () => {
    const root = await packageAt("occupied");
    await mkdir(join(root, "node_modules", "kalshi-lab"));
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts", "link-self.mjs")], {
      encoding: "utf8",
    });
    expect(status).toBe(0);
    expect(stderr).toContain("could not link");
    expect((await lstat(join(root, "node_modules", "kalshi-lab"))).isDirectory()).toBe(true);
  });
});
