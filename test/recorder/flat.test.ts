import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flat } from "../../src/recorder/flat.js";

/** Batches as a reader gives them, and what has happened to it. */
function source(batches: readonly (readonly number[])[], failsAt = Number.POSITIVE_INFINITY) {
  const seen = { asked: 0, isClosed: false };
  async function* read(): AsyncGenerator<readonly number[]> {
    try {
      for (const [at, batch] of batches.entries()) {
        seen.asked += 1;
        await Promise.resolve();
        if (at === failsAt) throw new Error("unreadable");
        yield batch;
      }
    } finally {
      seen.isClosed = true;
    }
  }
  return { seen, items: flat(read()) };
}

const lists = fc.array(fc.array(fc.nat(), { maxLength: 5 }), { maxLength: 8 });

describe("items out of batches", () => {
  it("come one by one in their order, also where the next is asked for before the last has come", async () => {
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 7 }), async (batches, ahead) => {
        const { items } = source(batches);
        const got: number[] = [];
        for (let isOver = false; !isOver; ) {
          for (const step of await Promise.all(Array.from({ length: ahead }, () => items.next()))) {
            if (step.done === true) isOver = true;
            else {
              expect(isOver).toBe(false);
              got.push(step.value);
            }
          }
        }
        expect(got).toEqual(batches.flat());
      }),
    );
  });

  it("close their source where the loop over them ends early, ask for no batch that is not needed, and are over then", async () => {
    const { seen, items } = source([[1, 2, 3], [4, 5], [6]]);
    for await (const item of items) if (item === 4) break;
    expect(seen).toEqual({ asked: 2, isClosed: true });
    expect(await items.next()).toEqual({ value: undefined, done: true });
  });

  it("are over once closed, whatever was asked for before", async () => {
    const { seen, items } = source([[1], [2]]);
    const [first, closed, after] = await Promise.all([items.next(), items.return!(), items.next()]);
    expect([first.value, closed.done, after.done, seen.isClosed]).toEqual([1, true, true, true]);
  });

  it("give what came before a failure, then the failure to who asks next, and are over", async () => {
    const { seen, items } = source([[1, 2], [3]], 1);
    const got: number[] = [];
    await expect(
      (async () => {
        for await (const item of items) got.push(item);
      })(),
    ).rejects.toThrow("unreadable");
    expect(got).toEqual([1, 2]);
    expect(seen.isClosed).toBe(true);
    expect(await items.next()).toEqual({ value: undefined, done: true });
  });
});
