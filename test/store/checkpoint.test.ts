import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CheckpointedRows } from "../../src/store/checkpoint.js";
import { expectRejection } from "../support/errors.js";

interface Progress {
  readonly page: number;
}

const start = (): Progress => ({ page: 0 });

describe("CheckpointedRows", () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "kalshi-lab-rows-"));
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("give back what was committed, and the state that stands for it, whatever was written behind it when the process died", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.jsonValue(), { maxLength: 5 }), { maxLength: 6 }),
        fc.string(),
        async (pages, torn) => {
          rmSync(dir, { recursive: true, force: true });
          const first = await CheckpointedRows.open(dir, start);
          for (const [index, page] of pages.entries()) {
            first.append(page);
            await first.commit({ page: index + 1 });
          }
          await first.close();
          appendFileSync(join(dir, "rows.ndjson"), `${torn}\n{"half":`);
          const again = await CheckpointedRows.open(dir, start);
          expect(again.state).toEqual({ page: pages.length });
          expect(again.rows).toBe(pages.flat().length);
          expect(await rowsOf(again)).toEqual(JSON.parse(JSON.stringify(pages.flat())));
          await again.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it("forget rows that were taken but not committed", async () => {
    const first = await CheckpointedRows.open(dir, start);
    first.append([{ id: 1 }]);
    await first.commit({ page: 1 });
    first.append([{ id: 2 }]);
    await first.close();
    const again = await CheckpointedRows.open(dir, start);
    expect(await rowsOf(again)).toEqual([{ id: 1 }]);
    await again.close();
  });

  it("read rows longer than the reading buffer, and characters that straddle its edge", async () => {
    const rows = [{ text: "é".repeat(900_000) }, { text: "𝛿".repeat(300_000) }, { text: "last" }];
    const store = await CheckpointedRows.open(dir, start);
    store.append(rows);
    await store.commit({ page: 1 });
    expect(await rowsOf(store)).toEqual(rows);
    await store.close();
  });

  it("refuse a damaged checkpoint and rows that are shorter than it knows, naming the cure", async () => {
    const store = await CheckpointedRows.open(dir, start);
    store.append([{ id: 1 }]);
    await store.commit({ page: 1 });
    await store.close();
    const good = readFileSync(join(dir, "checkpoint.json"), "utf8");
    for (const bad of ["", "{", '{"version":2}', good.slice(0, -5), good.replace('"version":2', '"version":1')]) {
      writeFileSync(join(dir, "checkpoint.json"), bad);
      await expectRejection(CheckpointedRows.open(dir, start), "CHECKPOINT_DAMAGED", /remove/);
    }
    writeFileSync(join(dir, "checkpoint.json"), good);
    truncateSync(join(dir, "rows.ndjson"), 3);
    await expectRejection(CheckpointedRows.open(dir, start), "CHECKPOINT_DAMAGED", /remove/);
  });

  it("refuse to give back fewer rows than were committed when the file is cut while it is open", async () => {
    const store = await CheckpointedRows.open(dir, start);
    store.append([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await store.commit({ page: 1 });
    truncateSync(join(dir, "rows.ndjson"), '{"id":1}\n'.length);
    await expectRejection(rowsOf(store), "CHECKPOINT_DAMAGED", /remove/);
    await store.close();
  });
});

async function rowsOf(store: CheckpointedRows<Progress>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const chunk of store.read(2)) rows.push(...chunk);
  return rows;
}
