import { type FileHandle, open } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Table, tableToIPC } from "@uwdata/flechette";
import type { TableColumn } from "../frames/columns.js";
import { recordBatch } from "./arrow-batch.js";
import { type Description, descriptionText } from "./manifest.js";
import { type ColumnReader, readerFor } from "./readers.js";

/** Rows of a record batch. */
const BATCH_ROWS = 65_536;

/** The end of a stream: a continuation mark and a length of zero. */
const EOS = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);
/** What a file begins with, filled up to eight bytes. */
const HEAD = Buffer.from("ARROW1\0\0", "latin1");

/** Where a record batch stands in a file. */
interface Block {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/**
 * Writes the rows of a query as an Arrow file (IPC, uncompressed), batch by batch: amounts as DECIMAL(18,6) and DECIMAL(18,2), times as
 * UTC microseconds, UUIDs and JSON as text. The columns come in the SQL types that {@link readerFor} reads.
 */
export async function writeArrow(
  connection: DuckDBConnection,
  query: string,
  description: Description,
  path: string,
): Promise<void> {
  const result = await connection.stream(query);
  const begin = (): ColumnReader[] =>
    description.columns.map((entry, at) => readerFor(entry, String(result.columnType(at)), BATCH_ROWS));
  const file = await ArrowFile.begin(path, description, recordBatch(columnsOf(begin(), description), 0));
  try {
    let readers = begin();
    let rows = 0;
    for (;;) {
      const chunk = await result.fetchChunk();
      const isEnd = chunk === null || chunk.rowCount === 0;
      if (rows > 0 && (isEnd || rows + chunk.rowCount > BATCH_ROWS)) {
        await file.add(recordBatch(columnsOf(readers, description), rows));
        readers = begin();
        rows = 0;
        // What the binding holds of chunks is freed when others have their turn.
        await turn();
      }
      if (isEnd) break;
      for (const [at, reader] of readers.entries()) reader.read(chunk.getColumnVector(at), rows, chunk.rowCount);
      rows += chunk.rowCount;
    }
    await file.end();
  } finally {
    await file.close();
  }
}

function columnsOf(readers: readonly ColumnReader[], { columns }: Description): Record<string, TableColumn> {
  return Object.fromEntries(readers.map((reader, at) => [columns[at]!.name, reader.column()]));
}

/**
 * A file of record batches. The library writes whole tables only, so each batch is a table's stream without its schema, which is the same
 * for all, and without its end; the footer that says where they are is the library's again.
 */
class ArrowFile {
  readonly #file: FileHandle;
  readonly #empty: Table;
  #schemaLength = 0;
  #length = 0;
  readonly #blocks: Block[] = [];

  private constructor(file: FileHandle, empty: Table) {
    this.#file = file;
    this.#empty = empty;
  }

  static async begin(path: string, description: Description, empty: Table): Promise<ArrowFile> {
    const made = new ArrowFile(await open(path, "w"), empty);
    made.#schemaLength = messageAt(streamOf(empty), 0).length;
    Object.assign(empty.schema, { metadata: new Map([["kalshi_lab", descriptionText(description)]]) });
    await made.#write(HEAD);
    // An empty table has one batch without rows, which is of no use here.
    await made.#write(messageAt(streamOf(empty), 0));
    return made;
  }

  async add(batch: Table): Promise<void> {
    const stream = streamOf(batch);
    const message = stream.subarray(this.#schemaLength, stream.length - EOS.length);
    const metadataLength = 8 + new DataView(message.buffer, message.byteOffset).getInt32(4, true);
    this.#blocks.push({ offset: this.#length, metadataLength, bodyLength: message.length - metadataLength });
    await this.#write(message);
  }

  async end(): Promise<void> {
    await this.#write(EOS);
    const { Builder, writeFooter } = await encoder();
    const pieces: Uint8Array[] = [];
    const sink = {
      write: (bytes: Uint8Array) => void pieces.push(bytes.slice()),
      pad: (count: number) => void pieces.push(new Uint8Array(count)),
      finish: () => null,
    };
    writeFooter(new Builder(sink), this.#empty.schema, [], this.#blocks, null as never);
    await this.#write(Buffer.concat(pieces));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.writeFile(bytes);
    this.#length += bytes.length;
  }
}

function streamOf(table: Table): Uint8Array {
  return tableToIPC(table, { format: "stream" })!;
}

/** The message at a place of a stream, its body left out. */
function messageAt(stream: Uint8Array, offset: number): Uint8Array {
  const length = new DataView(stream.buffer, stream.byteOffset).getInt32(offset + 4, true);
  return stream.subarray(offset, offset + 8 + length);
}

type Encoder = typeof import("@uwdata/flechette/dist/types/encode/footer.js") &
  typeof import("@uwdata/flechette/dist/types/encode/builder.js");

/** The parts of the library that write a footer; it hands them out under no name, and its version is held to one minor. */
async function encoder(): Promise<Encoder> {
  const at = (name: string) => import(`@uwdata/flechette/src/encode/${name}.js`) as Promise<object>;
  return Object.assign({}, await at("footer"), await at("builder")) as Encoder;
}
