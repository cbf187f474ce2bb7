import type { Field, Kind } from "../exchange/field.js";
import type { Frame } from "../frames/frame.js";
import { frames } from "../frames/frames.js";

const units: Readonly<Record<Kind, string>> = {
  dollars: "$",
  contracts: "contracts",
  time: "ms since 1970, UTC",
  text: "",
  uuid: "",
  integer: "",
  number: "",
  boolean: "",
  json: "",
};

const intro = `# The data dictionary

Every column of every table: the same name in memory, CSV, Parquet and SQL. It is the exchange's own field name without its
\`_dollars\` or \`_fp\` ending; the market is \`ticker\` everywhere. This page is made from the descriptions in the code
(\`dictionary()\` in \`src/datasets/dictionary.ts\`) and a test compares the two: \`npx vitest run test/datasets/dictionary.test.ts -u\`
writes it anew.

## Kinds

| kind | in a table reads as | exact integers behind it | in Parquet | in CSV |
| --- | --- | --- | --- | --- |
| dollars | dollars, the double nearest to the exact value | micro-dollars | DECIMAL(18,6) | six decimals, \`0.560000\` |
| contracts | contracts, likewise | hundredths of a contract | DECIMAL(18,2) | two decimals, \`10.00\` |
| time | milliseconds since 1970, UTC, microseconds as fraction | microseconds | TIMESTAMP(MICROS, UTC) | \`2026-11-01T09:30:00.123456Z\` |
| text | text | | VARCHAR | text |
| uuid | text | | UUID; VARCHAR when a value is no canonical lower-case UUID, and in the library | text |
| integer | number | itself | BIGINT | digits |
| number | number | | DOUBLE | digits |
| boolean | boolean | | BOOLEAN | \`true\`, \`false\` |
| json | JSON text | | VARCHAR | JSON text |

An absent value is \`null\` in a table and in Parquet and an empty field in CSV, never 0; an empty text is \`""\` in CSV. Rows ascend
by the columns named as order; a record that came twice stands once, by its key. With \`{ extra: true }\` a table has one more column,
\`extra\`: JSON text of the fields that this library does not know. Beside every file stands \`<file>.manifest.json\`: noun, columns and
kinds, rows, where they came from and whether they are complete, size, SHA-256, and the version of the library that wrote it. Parquet files
carry columns, kinds and origin in their own metadata too (key \`kalshi_lab\`).

In the library of datasets (\`kalshi-lab sync\`) the folders of a kind add two columns in SQL and to readers of Hive partitions: \`series\`, of markets,
trades and candlesticks, and \`date\`, the day of UTC by \`created_time\` of trades and fills, \`start_time\` of candlesticks, \`settled_time\` of settlements.
\`_manifests/\` has a manifest for each partition: its files with rows, size and SHA-256, columns, question, sources, cutoffs, \`through\` (all before it
was asked), and whether it is complete; of candlesticks the last two for each period as well (\`periods\`, by minutes).
`;

/** The data dictionary as Markdown: every column of every frame with kind, unit, meaning and source. */
export function dictionary(): string {
  return [intro, ...Object.entries(frames).map(([name, frame]) => section(name, frame))].join("\n");
}

function section(name: string, frame: Frame): string {
  const lines = Object.entries(frame.fields).map(([column, field]) => row(column, field));
  const key = frame.key.length === 0 ? "none" : frame.key.map(code).join(", ");
  return [
    `## ${name}`,
    "",
    `A row is one ${frame.noun}. Source: ${frame.source}. Key: ${key}. Order: ${frame.orderBy.map(code).join(", ")}.`,
    "",
    "| column | kind | unit | meaning | on the wire | may be null |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

function row(column: string, field: Field): string {
  const wire = field.wire.map(code).join(" or ");
  const unit = units[field.kind];
  return `| ${[code(column), field.kind, unit, field.about, wire, field.required ? "" : "yes"].map(cell).join(" | ")} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
