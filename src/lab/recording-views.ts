import { basename, join } from "node:path";
import { literal } from "../datasets/duckdb.js";
import { createView, type SqlView, type ViewOrigin } from "../datasets/sql/view.js";
import { saveTable } from "../datasets/write.js";
import { openRecording, type Recording } from "./recording.js";

/** The tables of a recording, by the names of their views. */
const tables: Readonly<
  Record<string, (recording: Recording, path: string) => Promise<Pick<ViewOrigin, "complete" | "why" | "rows">>>
> = {
  quotes: (recording, path) => saved(recording.quotes(), path),
  trades: (recording, path) => saved(recording.trades(), path),
  book_levels: (recording, path) => saved(recording.depth({ levels: 10 }), path),
  deltas: (recording, path) => saved(recording.deltas(), path),
  bars: (recording, path) => saved(recording.bars({ every: "1m" }), path),
  quality: async (recording, path) => {
    const { rows } = await saveTable(await recording.qualityTable(), path);
    return { rows, complete: true, why: null };
  },
};

/**
 * Views of a recording, named by its folder: `today.quotes`, `today.trades`, `today.book_levels` (ten a side), `today.deltas`, `today.bars` (of a minute) and
 * `today.quality`. Of a view that a query names the rows are first written into a Parquet file, which ends with the query.
 */
export function recordingViews(dir: string): SqlView[] {
  const schema = basename(dir);
  return Object.entries(tables).map(([name, save]): SqlView => {
    const view: SqlView = {
      schema,
      name,
      define: async (connection, folder) => {
        const path = join(folder, `${schema}-${name}.parquet`);
        const origin = await save(await openRecording(dir), path);
        await createView(connection, view, `SELECT * FROM read_parquet(${literal(path)})`);
        return { tier: "recording", endpoint: dir, ...origin };
      },
    };
    return view;
  });
}

async function saved(
  query: { save(path: string): Promise<{ rows: number; provenance: { complete: boolean; why: string | null } }> },
  path: string,
): Promise<Pick<ViewOrigin, "complete" | "why" | "rows">> {
  const { rows, provenance } = await query.save(path);
  return { rows, complete: provenance.complete, why: provenance.why };
}
