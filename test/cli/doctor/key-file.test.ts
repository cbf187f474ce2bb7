import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inspectKeyFile } from "../../../src/cli/doctor/key-file.js";
import { freshPem } from "../../support/keys.js";
import { examined, smallExchange } from "../../support/small-exchange.js";

const folders: string[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), "kalshi-lab-key-file-")));
  folders.push(made);
  return made;
}

function keyIn(place: string, mode = 0o600): string {
  const path = join(place, "key.pem");
  writeFileSync(path, freshPem());
  chmodSync(path, mode);
  return path;
}

const git = (place: string, ...args: readonly string[]): string =>
  String(execFileSync("git", ["-C", place, ...args], { stdio: ["ignore", "pipe", "ignore"] }));

function repository(): string {
  const made = folder();
  git(made, "init", "-q");
  return made;
}

const WELL = [{ found: "for its owner alone, and not in git" }];

describe("a key's file", () => {
  it("that its owner alone can read, outside of any repository, is well kept", async () => {
    expect(await inspectKeyFile(keyIn(folder()))).toEqual(WELL);
    expect(await inspectKeyFile(keyIn(folder(), 0o400))).toEqual(WELL);
  });

  it.skipIf(process.platform === "win32").each([
    [0o644, "644"],
    [0o640, "640"],
    [0o604, "604"],
    [0o620, "620"],
  ])("of mode %i is warned of, with the command that closes it", async (mode, shown) => {
    const path = keyIn(folder(), mode);
    const [found, ...others] = await inspectKeyFile(path);
    expect(others).toEqual([]);
    expect(found!.found).toContain(`(mode ${shown})`);
    expect(found!.hint).toBe(`chmod 600 '${path}'`);
  });

  it("that git tracks is warned of, also when it is ignored as well", async () => {
    const place = repository();
    const path = keyIn(place);
    git(place, "add", "key.pem");
    for (const ignored of [false, true]) {
      if (ignored) writeFileSync(join(place, ".gitignore"), "*.pem\n");
      const [found, ...others] = await inspectKeyFile(path);
      expect(others).toEqual([]);
      expect(found!.found).toMatch(/git tracks/);
      expect(found!.hint).toMatch(/git rm --cached .*\.gitignore.*new key/);
    }
  });

  it("that lies in a work tree is warned of until it is ignored", async () => {
    const place = repository();
    const inner = join(place, "keys");
    mkdirSync(inner);
    const path = keyIn(inner);
    const [found, ...others] = await inspectKeyFile(path);
    expect(others).toEqual([]);
    expect(found!.found).toMatch(/work tree and is not ignored/);
    expect(found!.hint).toMatch(/\.gitignore/);
    writeFileSync(join(place, ".gitignore"), "keys/\n");
    expect(await inspectKeyFile(path)).toEqual(WELL);
  });

  it.skipIf(process.platform === "win32")("is looked at where a link leads", async () => {
    const place = repository();
    const path = keyIn(place, 0o644);
    git(place, "add", "key.pem");
    const link = join(folder(), "link.pem");
    symlinkSync(path, link);
    const found = await inspectKeyFile(link);
    expect(found.map((one) => one.found).join("; ")).toMatch(/mode 644.*; git tracks/);
  });

  it("is looked for in the repository around it, not in one that the environment names", async () => {
    const [place, other] = [repository(), repository()];
    const path = keyIn(place);
    git(place, "add", "key.pem");
    vi.stubEnv("GIT_DIR", join(other, ".git"));
    vi.stubEnv("GIT_WORK_TREE", other);
    expect((await inspectKeyFile(path))[0]!.found).toMatch(/git tracks/);
  });

  it("is found well kept where there is no git to ask", async () => {
    const path = keyIn(repository());
    vi.stubEnv("PATH", folder());
    expect(await inspectKeyFile(path)).toEqual(WELL);
  });

  it.skipIf(process.platform === "win32")("gives the doctor a line for each warning, and no failure", async () => {
    const place = repository();
    const path = keyIn(place, 0o664);
    const { server, options } = await smallExchange();
    try {
      const { problem, steps } = await examined({ ...options, privateKey: undefined, privateKeyPath: path });
      expect(problem).toBeNull();
      expect(steps.filter(({ step }) => step === "file").map(({ status }) => status)).toEqual(["warn", "warn"]);
    } finally {
      await server.close();
    }
  });
});
