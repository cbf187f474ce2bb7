import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type AskedOf, completeness } from "../../src/datasets/library/completeness.js";
import { libraryKind } from "../../src/datasets/library/kinds.js";
import {
  readLibrary,
  type Subject,
  type SubjectState,
  writeLibrary,
  writeState,
} from "../../src/datasets/library/library-file.js";
import { type Merged, mergeRows } from "../../src/datasets/library/merge-rows.js";
import type { Reread } from "../../src/datasets/library/vanished.js";
import { entriesOfFrame, saveTable } from "../../src/datasets/write.js";
import { tableOfRaw } from "../../src/frames/frame.js";
import { parseTime } from "../../src/units/time.js";

/** A library that is filled by hand, without an exchange. */
export class SmallLibrary {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(dir: string): Promise<SmallLibrary> {
    mkdirSync(dir, { recursive: true });
    await writeLibrary(dir, { exchange: "test", account: null, subjects: [] });
    return new SmallLibrary(dir);
  }

  /** Notes how far a subject has come, as a sync does. */
  async keep(subject: Subject, state: SubjectState): Promise<void> {
    const { exchange, account, subjects } = readLibrary(this.dir)!;
    const others = subjects.filter((one) => JSON.stringify(one) !== JSON.stringify(subject));
    await writeLibrary(this.dir, { exchange, account, subjects: [...others, subject] });
    await writeState(this.dir, subject, state);
  }

  /** Merges wire objects in, as a sync does with what it has downloaded. */
  async merge(
    kind: string,
    series: string | null,
    raw: readonly unknown[],
    through = "2026-12-01T00:00:00Z",
    asked: AskedOf = {},
    reread?: Reread,
  ): Promise<Merged> {
    const { frame } = libraryKind(kind);
    const staged = join(this.dir, "..", "staged.parquet");
    const subject: Subject = { kind, series, period: null, from: null, ...asked };
    await this.keep(subject, { through, odd: {} });
    await saveTable(tableOfRaw(frame, raw), staged);
    try {
      return await mergeRows({
        library: this.dir,
        ...{ kind, series, staged },
        origin: (date) => ({
          columns: entriesOfFrame(frame, false),
          ...{ query: { kind, period: asked.period ?? undefined }, sources: [], cutoffs: null },
          ...completeness({ kind, series, date }, parseTime(through), null, asked),
        }),
        asked: through,
        reread,
        finalBefore: parseTime("2026-11-10T00:00:00Z"),
      });
    } finally {
      for (const path of [staged, `${staged}.manifest.json`]) rmSync(path, { force: true });
    }
  }
}
