import type { ColumnTable } from "arquero";
import { type Provenance, provenance, withProvenance } from "../../frames/provenance.js";

/**
 * The same table, which says that it was made of the given ones: their sources and unknown times together, complete where all of them are.
 * Not complete where the origin of one is not known; left as it is where none is.
 */
export function withOriginsOf(table: ColumnTable, tables: readonly ColumnTable[]): ColumnTable {
  const origins = tables.map((one) => provenance(one));
  const all = origins.filter((one): one is Provenance => one !== null);
  const [first] = all;
  if (first === undefined) return table;
  const isKnown = all.length === tables.length;
  const unknown = all.flatMap((one) => one.unknown ?? []);
  const whys = new Set(all.flatMap(({ why }) => why ?? []));
  if (!isKnown) whys.add("the origin of a joined table is not known");
  return withProvenance(table, {
    ...first,
    noun: [...new Set(all.map(({ noun }) => noun))].join(" with "),
    sources: all.flatMap(({ sources }) => sources),
    cutoffs: all.every(({ cutoffs }) => cutoffs === null)
      ? null
      : Object.assign({}, ...all.map(({ cutoffs }) => cutoffs ?? {})),
    ...(unknown.length === 0 ? {} : { unknown }),
    complete: isKnown && all.every(({ complete }) => complete),
    why: whys.size === 0 ? null : [...whys].join("; "),
    rows: table.numRows(),
    at: all.map(({ at }) => at).reduce((latest, at) => (at > latest ? at : latest)),
  });
}
