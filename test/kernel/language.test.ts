import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JupyterClient } from "../support/jupyter-client.js";

const folder = mkdtempSync(join(tmpdir(), "kernel-language-"));
let kernel: JupyterClient;

beforeAll(async () => {
  writeFileSync(join(folder, "limits.json"), JSON.stringify({ tickers: ["KX-A", "KX-B"] }));
  writeFileSync(join(folder, "local.ts"), "export const half = (price: number): number => price / 2;\n");
  kernel = await JupyterClient.start({ cwd: folder });
}, 60_000);
afterAll(async () => {
  await kernel.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a cell shows as its value. */
async function shown(code: string, on = kernel): Promise<string> {
  const { reply, outputs } = await on.execute(code);
  expect(reply.status, String(reply.evalue ?? "")).toBe("ok");
  return (outputs.at(-1)!.content.data as Record<string, string>)["text/plain"]!;
}

describe("a cell", () => {
  it.each([
    ["a value that is waited for", "await (async () => 40 + 2)()", "42"],
    ["a loop over what comes", "let sum = 0; for await (const one of [Promise.resolve(1), 2]) sum += one; sum", "3"],
    [
      "what is closed at the end of a block, in the order that is the language's",
      `const told: string[] = [];
       { using one = { [Symbol.dispose]: () => { told.push("one") } }; await using two = { [Symbol.asyncDispose]: async () => { told.push("two") } }; void one; void two; }
       told.join(" ")`,
      '"two one"',
    ],
    [
      "a file of JSON imported as such",
      'import limits from "./limits.json" with { type: "json" }; limits.tickers.length',
      "2",
    ],
    ["a local file", 'import { half } from "./local.js"; half(3)', "1.5"],
    ["a package with a wait at its top, and its types", 'import { version } from "vega"; typeof version', '"string"'],
    [
      "an enum, and a value that satisfies a type",
      "enum Side { yes, no }; ({ side: Side.no } satisfies { side: Side }).side",
      "1",
    ],
  ])("can have %s", async (_, code, value) => {
    expect(await shown(code)).toBe(value.replaceAll('"', "'"));
  });

  it("declares anew what an earlier one declared, also with another type", async () => {
    expect(await shown("const price = 1; price")).toBe("1");
    expect(await shown("const price = [2]; price.length")).toBe("1");
    expect(await shown("class Book { levels = 3 }; new Book().levels")).toBe("3");
    expect(await shown("class Book { levels = 4 }; new Book().levels")).toBe("4");
    expect(await shown("price[0]! + new Book().levels")).toBe("6");
  });
});

describe("a kernel that checks strictly", () => {
  it("refuses what the usual one takes: a parameter without a type, and null where a value is meant", async () => {
    const strict = await JupyterClient.start({ cwd: folder, env: { KALSHI_LAB_STRICT: "1" } });
    const lax = "function twice(x) { return x * 2 }\nconst text: string = null;";
    try {
      const { reply } = await strict.execute(lax);
      expect(reply).toMatchObject({ status: "error", ename: "TypeScriptError" });
      const told = [reply.evalue, ...(reply.traceback as string[])].join("\n");
      expect(told).toMatch(/:1.*implicitly.*any/);
      expect(told).toMatch(/:2.*null.*not assignable/);
    } finally {
      await strict.close();
    }
    expect((await kernel.execute(lax)).reply.status).toBe("ok");
  });
});
