import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RowOrder } from "../../src/store/block.js";
import { CheckpointedRows } from "../../src/store/checkpoint.js";
import { expectError, expectRejection } from "../support/errors.js";

/** A row whose place is `at`, then `id`; `came` tells its versions apart. */
interface Row {
  readonly at: number;
  readonly id: string;
  readonly came: number;
  readonly more: string;
}

const order: RowOrder = {
  name: "at, id",
  keyOf: (row) => [(row as Row).at, (row as Row).id],
  compare: ([a, x], [b, y]) => Number(a) - Number(b) || (x! < y! ? -1 : x! > y! ? 1 : 0),
};

const start = (): { page: number } => ({ page: 0 });

/** Pages of few places and ids, so that ties and repetitions abound; some pages as the exchange sends them, others in any order. */
const pages = fc
  .array(
    fc.record({
      rows: fc.array(
        fc.record({
          at: fc.integer({ min: -3, max: 12 }),
          id: fc.constantFrom("a", "b", "ü", "\n"),
          more: fc.string({ maxLength: 40 }),
        }),
        { maxLength: 12 },
      ),
      newestFirst: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((list) => {
    let came = 0;
    return list.map(({ rows, newestFirst }) =>
      (newestFirst ? rows.toSorted((a, b) => b.at - a.at) : rows).map((row): Row => ({ ...row, came: came++ })),
    );
  });

/** What the merge should give: sorted in memory, the last that came of each place and id. */
function sorted(rows: readonly Row[]): Row[] {
  const last = new Map(rows.map((row) => [JSON.stringify(order.keyOf(row)), row]));
  return [...last.values()].sort((a, b) => order.compare(order.keyOf(a), order.keyOf(b)));
}

describe("rows that are kept in an order", () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "kalshi-lab-merge-"));
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("come back ascending, each once and as it came last, however pages overlap, tie and repeat", async () => {
    await fc.assert(
      fc.asyncProperty(pages, fc.integer({ min: 1, max: 9 }), async (list, chunk) => {
        rmSync(dir, { recursive: true, force: true });
        const store = await CheckpointedRows.open(dir, start, order);
        for (const [index, page] of list.entries()) {
          store.append(page);
          if (index % 3 === 0) await store.commit({ page: index });
        }
        await store.commit({ page: list.length });
        expect([...store.merged(chunk)].flat()).toEqual(sorted(list.flat()));
        // Again from the first row on, and after the file was opened anew.
        expect([...store.merged()].flat()).toEqual(sorted(list.flat()));
        await store.close();
        const again = await CheckpointedRows.open(dir, start, order);
        expect([...again.merged(chunk)].flat()).toEqual(sorted(list.flat()));
        expect(again.rows).toBe(list.flat().length);
        await again.close();
      }),
      { numRuns: 60 },
    );
  });

  it("are the committed ones, and go on from there, when the process dies after any byte behind them", async () => {
    await fc.assert(
      fc.asyncProperty(pages, pages, fc.double({ min: 0, max: 1, noNaN: true }), async (kept, lost, part) => {
        rmSync(dir, { recursive: true, force: true });
        const rowsFile = join(dir, "rows.ndjson");
        const first = await CheckpointedRows.open(dir, start, order);
        for (const page of kept) first.append(page);
        await first.commit({ page: 1 });
        const checkpoint = readFileSync(join(dir, "checkpoint.json"));
        const committed = readFileSync(rowsFile).length;
        for (const page of lost) first.append(page);
        await first.commit({ page: 2 });
        await first.close();
        // The rows came to the disk in part, the checkpoint that knows them did not.
        const written = readFileSync(rowsFile).length;
        truncateSync(rowsFile, committed + Math.floor((written - committed) * part));
        writeFileSync(join(dir, "checkpoint.json"), checkpoint);
        const again = await CheckpointedRows.open(dir, start, order);
        expect(again.state).toEqual({ page: 1 });
        expect([...again.merged()].flat()).toEqual(sorted(kept.flat()));
        for (const page of lost) again.append(page);
        await again.commit({ page: 2 });
        expect([...again.merged()].flat()).toEqual(sorted([...kept, ...lost].flat()));
        await again.close();
      }),
      { numRuns: 60 },
    );
  });

  it("come back in bounded memory when thousands of pages span the same time", async () => {
    const store = await CheckpointedRows.open(dir, start, order);
    const [blocks, each] = [3_000, 8];
    const more = "x".repeat(2_000);
    for (let block = 0; block < blocks; block += 1) {
      store.append(Array.from({ length: each }, (_, at) => ({ at, id: String(block), came: block, more })));
    }
    await store.commit({ page: blocks });
    let rows = 0;
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    for (const chunk of store.merged()) {
      for (const row of chunk as Row[]) expect(row.at).toBe(Math.floor(rows++ / blocks));
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(rows).toBe(blocks * each);
    // All the blocks are open at once and have 48 MB of rows.
    expect(most).toBeLessThan(24 << 20);
    await store.close();
  });

  it("may be appended while a commit is under way, which stands for those before it only", async () => {
    const store = await CheckpointedRows.open(dir, start, order);
    const row = (at: number): Row => ({ at, id: "a", came: at, more: "" });
    store.append([row(1)]);
    const first = store.commit({ page: 1 });
    store.append([row(2)]);
    await first;
    expect([...store.merged()].flat()).toEqual([row(1)]);
    await store.commit({ page: 2 });
    expect([...store.merged()].flat()).toEqual([row(1), row(2)]);
    await store.close();
  });

  it("are not lost by a commit that fails: the next one has them", async () => {
    const store = await CheckpointedRows.open(dir, start, order);
    const row = (at: number): Row => ({ at, id: "a", came: at, more: "" });
    store.append([row(1)]);
    // A folder in its place is what no checkpoint can replace.
    rmSync(join(dir, "checkpoint.json"));
    mkdirSync(join(dir, "checkpoint.json"));
    await expectRejection(store.commit({ page: 1 }), "WRITE_FAILED", /folder/);
    expect(store.state).toEqual({ page: 0 });
    rmSync(join(dir, "checkpoint.json"), { recursive: true });
    store.append([row(2)]);
    await store.commit({ page: 2 });
    await store.close();
    const again = await CheckpointedRows.open(dir, start, order);
    expect([...again.merged()].flat()).toEqual([row(1), row(2)]);
    expect(again.state).toEqual({ page: 2 });
    await again.close();
  });

  it("are refused when a block's head is damaged, or rows are missing, or they are kept in another order", async () => {
    const store = await CheckpointedRows.open(dir, start, order);
    store.append([{ at: 1, id: "a", came: 1, more: "" }]);
    await store.commit({ page: 1 });
    await store.close();
    const other = await CheckpointedRows.open(dir, start, { ...order, name: "id, at" });
    for (const use of [() => other.merged(), () => other.append([])]) {
      const error = expectError(use, "CHECKPOINT_DAMAGED", /remove/);
      expect(error.message).toMatch(/kept in another order/);
    }
    await other.close();
    const path = join(dir, "rows.ndjson");
    const good = readFileSync(path, "utf8");
    for (const bad of [`x${good.slice(1)}`, good.replace('"rows":1', '"rows":2'), good.replace("[1,", "[1 ")]) {
      writeFileSync(path, bad);
      appendFileSync(path, "and what was not committed");
      await expectRejection(CheckpointedRows.open(dir, start, order), "CHECKPOINT_DAMAGED", /remove/);
    }
  });
});
