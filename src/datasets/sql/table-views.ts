import type { ColumnTable } from "arquero";
import { provenance } from "../../frames/provenance.js";
import { typedColumns } from "../../frames/schema.js";
import { quoted } from "../duckdb.js";
import { loadColumns } from "../write.js";
import { createView, type SqlView } from "./view.js";

/** Tables in memory as views of the names given. */
export function tableViews(tables: Readonly<Record<string, ColumnTable>>): SqlView[] {
  return Object.entries(tables).map(([name, table], at): SqlView => {
    const view: SqlView = {
      schema: null,
      name,
      define: async (connection) => {
        const columns = typedColumns(table);
        await loadColumns(connection, `given_${at}`, columns);
        const names = Object.keys(columns).map(quoted).join(", ");
        await createView(connection, view, `SELECT ${names} FROM temp.main.given_${at}`);
        const origin = provenance(table);
        return {
          tier: "derived",
          endpoint: name,
          rows: table.numRows(),
          complete: origin?.complete ?? false,
          why: origin === null ? `the table ${name} does not say its origin` : origin.why,
        };
      },
    };
    return view;
  });
}
