import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { type AsyncFlow, type Flow, givenBy, isAsync, type RecordType, type Source } from "../flow/transform.js";
import { type TableBuilder, type TableOptions, tableBuilder } from "./builder.js";
import { type FlowRecord, flowFrames, rowsOf } from "./flows.js";

/**
 * The records of a transform as a table: `await tableOf(pipe(recording, topOfBook()))`. Of what comes from a list, at once and without
 * `await`. Columns: see `datasets/README.md`. Rows ascend by time.
 *
 * @throws KalshiError `BAD_ARGUMENT` for records of several types, or a list of none that does not say of what type they would be
 */
export function tableOf(records: Flow<FlowRecord> | Iterable<FlowRecord>, options?: TableOptions): ColumnTable;
export function tableOf(
  records: AsyncFlow<FlowRecord> | AsyncIterable<FlowRecord>,
  options?: TableOptions,
): Promise<ColumnTable>;
export function tableOf(records: Source<FlowRecord>, options: TableOptions = {}): ColumnTable | Promise<ColumnTable> {
  const rows = new Rows(givenBy(records), options);
  if (isAsync(records)) return collected(records, rows);
  for (const record of records) rows.add(record);
  return rows.table();
}

async function collected(records: AsyncIterable<FlowRecord>, rows: Rows): Promise<ColumnTable> {
  for await (const record of records) rows.add(record);
  return rows.table();
}

class Rows {
  readonly #options: TableOptions;
  #type: RecordType | null;
  #builder: TableBuilder | null = null;

  constructor(type: RecordType | null, options: TableOptions) {
    this.#type = type;
    this.#options = options;
  }

  add(record: FlowRecord): void {
    this.#type ??= record.type;
    if (record.type !== this.#type || !(record.type in flowFrames)) throw mixed(this.#type, record.type);
    this.#builder ??= this.#begun(record.type);
    this.#builder.addRecords(rowsOf(record));
  }

  table(): ColumnTable {
    const type = this.#type;
    if (type === null) throw mixed("nothing", "nothing");
    return (this.#builder ?? this.#begun(type)).finish({ orderBy: flowFrames[type].orderBy });
  }

  #begun(type: RecordType): TableBuilder {
    const { noun, fields } = flowFrames[type];
    return tableBuilder(noun, fields, this.#options);
  }
}

function mixed(type: string, found: unknown): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `no table of ${type} and ${String(found)} together`, {
    hint: "give the records of one transform, such as pipe(events, topOfBook()); filter() takes one type out of several",
    context: { type, found: String(found) },
  });
}
