import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { ParsedFiles, type ProgramHost } from "../../src/kernel/parsed-files.js";
import { foundSnapshot, makeSnapshot, removeOthers } from "../../src/kernel/snapshot.js";
import { packagePath } from "../../src/store/package.js";
import { JupyterClient } from "../support/jupyter-client.js";

const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-compiler-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program's way to files that counts what is parsed. */
function host(): ProgramHost & { parsed: string[] } {
  const parsed: string[] = [];
  const parse = (file: string) => {
    parsed.push(file);
    return ts.createSourceFile(file, ts.sys.readFile(file)!, ts.ScriptTarget.ESNext);
  };
  return { parsed, getSourceFile: parse, getSourceFileByPath: parse };
}

describe("declarations that were parsed before", () => {
  const file = join(folder, "kept.d.ts");
  const cell = join(folder, "cell.ts");

  it("are given without being parsed again, and cells are not", () => {
    writeFileSync(file, "export declare const price: number;");
    writeFileSync(cell, "1");
    const files = new ParsedFiles({ collect: true });
    const first = host();
    files.offerTo(first);
    const found = first.getSourceFile(file, ts.ScriptTarget.ESNext);
    first.getSourceFile(cell, ts.ScriptTarget.ESNext);
    files.seal();
    const second = host();
    files.offerTo(second);
    expect(second.getSourceFile(file, ts.ScriptTarget.ESNext)).toBe(found);
    expect(second.getSourceFileByPath(file, file, ts.ScriptTarget.ESNext)).toBe(found);
    second.getSourceFile(cell, ts.ScriptTarget.ESNext);
    expect(second.parsed).toEqual([cell]);
  });

  it("are parsed again when the file is another one by then", () => {
    const files = new ParsedFiles({ collect: true });
    const first = host();
    files.offerTo(first);
    first.getSourceFile(file, ts.ScriptTarget.ESNext);
    files.seal();
    writeFileSync(file, "export declare const price: string; // changed");
    const second = host();
    files.offerTo(second);
    expect(second.getSourceFile(file, ts.ScriptTarget.ESNext)?.text).toContain("changed");
    expect(second.parsed).toEqual([file]);
  });
});

describe("what a new snapshot takes the place of", () => {
  it("is every older one and what killed processes left half-made, but nothing of one that is at work and no other file", () => {
    const dir = mkdtempSync(join(folder, "dist-"));
    // Ended, and waited for: nobody has its number.
    const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
    const snapshot = ".compiler-0123456789abcdef.blob";
    const kept = [`${snapshot}.${process.pid}`, `${snapshot}.${process.pid}.cjs`, ".built", "compile.js"];
    for (const name of [...kept, snapshot, `${snapshot}.${gone}`, `${snapshot}.${gone}.cjs`])
      writeFileSync(join(dir, name), "");
    removeOthers(dir);
    expect(readdirSync(dir).sort()).toEqual([...kept].sort());
  });
});

/** Processes that a process has started; Linux tells. */
async function children(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((one) => readFile(`/proc/${pid}/task/${one}/children`, "utf8")));
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

/** V8 could start from it: nothing but a text is another. */
function otherLetter(bytes: Buffer): Buffer {
  const at = bytes.indexOf("interface ArrayBuffer");
  expect(at).toBeGreaterThan(0);
  bytes[at + "interface A".length] = "x".charCodeAt(0);
  return bytes;
}

describe.skipIf(process.platform !== "linux")("the compiler's process", () => {
  it("is started from a snapshot, and when it is killed the next cell is compiled all the same, with types", async () => {
    expect(makeSnapshot()).toBe(true);
    expect(foundSnapshot()).not.toBeNull();
    const kernel = await JupyterClient.start();
    await kernel.execute("const kept: number = 41");
    const [compiler, ...others] = await children(kernel.child.pid!);
    expect(others).toEqual([]);
    process.kill(compiler!, "SIGKILL");
    const wrong = await kernel.finished(await kernel.send("execute_request", { code: "const text: string = kept" }));
    // Its death is noticed at once or by the call that it takes with it.
    expect(["TypeScriptError", "CompilerError"]).toContain(wrong.reply.ename);
    expect((await kernel.execute("const text: string = kept")).reply).toMatchObject({ ename: "TypeScriptError" });
    expect((await kernel.execute("kept + 1")).outputs.at(-1)?.content.data).toEqual({ "text/plain": "42" });
    expect(await children(kernel.child.pid!)).toEqual([]);
    await kernel.close();
  });

  it.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ["empty", () => Buffer.alloc(0)],
    ["another by one letter of a declaration", otherLetter],
    [
      "damaged in its midst",
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 1e7), Buffer.alloc(4_096, 7), bytes.subarray(1e7 + 4_096)]),
    ],
  ])("that cannot start from its snapshot, which is %s, removes it, and a thread compiles", async (_, spoiled) => {
    expect(makeSnapshot()).toBe(true);
    const file = join(mkdtempSync(join(folder, "spoiled-")), "snapshot.blob");
    writeFileSync(file, spoiled(readFileSync(foundSnapshot()!)));
    const built = pathToFileURL(packagePath("dist/kernel/compiler-client.js")).href;
    const { CompilerClient } = (await import(built)) as typeof import("../../src/kernel/compiler-client.js");
    const compiler = new CompilerClient(file);
    try {
      expect(await compiler.call("compile", "", "const price: number = 'x'", "Cell[1]")).toMatchObject({
        status: "error",
      });
      expect(await compiler.call("compile", "", "const price: number = 1", "Cell[1]")).toMatchObject({ status: "ok" });
      expect(existsSync(file)).toBe(false);
    } finally {
      await compiler.close();
    }
  });

  it("ends with the kernel, also with one that is killed", async () => {
    const kernel = await JupyterClient.start();
    await kernel.execute("1");
    const [compiler] = await children(kernel.child.pid!);
    await kernel.close();
    const isGone = () => {
      try {
        process.kill(compiler!, 0);
        return false;
      } catch {
        return true;
      }
    };
    while (!isGone()) await new Promise((next) => setTimeout(next, 5));
  });
});
