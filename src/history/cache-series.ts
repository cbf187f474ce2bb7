import { readKeptLines } from "../store/kept-file.js";
import type { KeptFile } from "./cache-shelf.js";

/** Which series kept files are of. A ticker does not tell; kept lists of a series do, and through them lists and records by event. */
export class KeptSeries {
  /** By event, by ticker and by the key of an event's list. */
  readonly #seriesOf: ReadonlyMap<string, ReadonlySet<string>>;

  private constructor(seriesOf: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#seriesOf = seriesOf;
  }

  static async of(files: readonly KeptFile[]): Promise<KeptSeries> {
    const told: Told[] = [];
    // One after the other: lists may be long, and little is needed of each.
    for (const file of files)
      if (file.kind === "markets" || file.kind === "market") told.push(...(await marketsIn(file)));
    const seriesOf = new Map<string, Set<string>>();
    const put = (name: string, series: string): void => {
      seriesOf.set(name, (seriesOf.get(name) ?? new Set()).add(series));
    };
    for (const { series, event, ticker } of told) {
      if (series === null) continue;
      for (const name of [`event_ticker=${event}`, event, ticker]) put(name, series);
    }
    for (const { series, event, ticker } of told) {
      if (series !== null) continue;
      for (const one of seriesOf.get(event) ?? []) put(ticker, one);
    }
    return new KeptSeries(seriesOf);
  }

  /** Null when nothing that is kept tells. */
  of({ key }: KeptFile): ReadonlySet<string> | null {
    const series = listedSeries(key);
    return series === null ? (this.#seriesOf.get(key) ?? null) : new Set([series]);
  }
}

/** A market of which something is kept. */
interface Told {
  /** Of the list that it was found in; null for other lists and for records. */
  readonly series: string | null;
  readonly event: string;
  readonly ticker: string;
}

async function marketsIn(file: KeptFile): Promise<readonly Told[]> {
  const lines = await readKeptLines(file.path);
  if (typeof lines === "string") return [];
  const series = listedSeries(file.key);
  return lines.map((line) => {
    const { ticker, event_ticker: event } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return { series, event: String(event), ticker: String(ticker) };
  });
}

/** The series that a list was asked by; null for what is no such list. */
function listedSeries(key: string): string | null {
  return /^series_ticker=(.*)$/.exec(key)?.[1] ?? null;
}
