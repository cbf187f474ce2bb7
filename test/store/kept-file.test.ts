import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { keepRows, readKept, readKeptLines } from "../../src/store/kept-file.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-kept-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const about = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null)));
const rows = fc.array(fc.jsonValue().map((value) => JSON.stringify(value)));

describe("a kept file", () => {
  const path = join(dir, "rows.kept");

  it("gives back its rows and what they are, whatever that was", async () => {
    await fc.assert(
      fc.asyncProperty(about, rows, async (what, lines) => {
        // Through JSON, as it is written: -0 and such have no text of their own.
        const told = JSON.parse(JSON.stringify(what)) as typeof what;
        await keepRows(path, what, lines);
        expect(await readKept(path)).toMatchObject({ about: told, rows: lines.length });
        expect(await readKeptLines(path)).toEqual(lines);
      }),
    );
    expect(readdirSync(dir)).toEqual(["rows.kept"]);
  });

  it("with one byte changed, or cut off anywhere, is damaged and never read", async () => {
    const lines = Array.from({ length: 300 }, (_, row) => JSON.stringify({ trade_id: `t${row}`, count_fp: "1.00" }));
    await keepRows(path, { kind: "trades", key: "T" }, lines);
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const changed = Buffer.from(whole);
        changed[at]! ^= bits;
        writeFileSync(path, changed);
        expect(await readKeptLines(path)).toBe("damaged");
        writeFileSync(path, whole);
        truncateSync(path, at);
        expect(await readKeptLines(path)).toBe("damaged");
      }),
    );
  });

  it("that is not there is absent, also where a folder or nothing can be read in its place", async () => {
    expect(await readKept(join(dir, "none.kept"))).toBe("absent");
    expect(await readKeptLines(join(dir, "none.kept"))).toBe("absent");
    expect(await readKeptLines(dir)).toBe("absent");
  });

  it("tells what it is also when that is long", async () => {
    const long = { key: "x".repeat(10_000) };
    await keepRows(path, long, ["1"]);
    expect(await readKept(path)).toMatchObject({ about: long, rows: 1 });
  });
});
