import { rm } from "node:fs/promises";
import { readTable } from "../../datasets/read.js";
import { saveTable } from "../../datasets/write.js";
import { KalshiError } from "../../errors.js";
import type { Frame } from "../../frames/frame.js";
import type { Query, Saved } from "../../lab/query.js";
import { sourcesText } from "../output.js";
import type { PageFile } from "./page.js";

/** An answer and the files it stands in. */
export interface Kept {
  readonly rows: number;
  readonly files: readonly PageFile[];
}

/**
 * Saves an answer as Parquet and, when asked, as CSV beside it. An earlier tour that was stopped is gone on with where it asked the same of
 * the same world; what it began of another one is of no use here and gives way.
 */
export async function keep(query: Query<Frame>, path: string, csv: boolean): Promise<Kept> {
  const saved = await saveAnew(query, `${path}.parquet`);
  const about = sourcesText(saved);
  const files = [{ path: saved.path, about }];
  if (csv)
    files.push({ path: (await saveTable(await readTable(saved.path), `${path}.csv`)).path, about: "the same as CSV" });
  return { rows: saved.rows, files };
}

async function saveAnew(query: Query<Frame>, path: string): Promise<Saved> {
  try {
    return await query.save(path);
  } catch (error) {
    if (!(error instanceof KalshiError) || error.code !== "CHECKPOINT_MISMATCH") throw error;
    await rm(`${path}.partial`, { recursive: true, force: true });
    return query.save(path);
  }
}
