import { type Field, readField, type WireObject } from "../exchange/field.js";

/** Where a column finds its values: the field, and the record's noun and the column's name for errors. */
export interface Source {
  readonly noun: string;
  readonly name: string;
  readonly field: Field;
  /** The one key on the wire, when it is that simple. */
  readonly key: string | null;
  readonly paths: readonly Path[];
}

type Path = readonly [key: string, inner: string | null];

/** Makes the source of a field. */
export function sourceOf(noun: string, name: string, field: Field): Source {
  const paths = field.wire.map((path): Path => {
    const dot = path.indexOf(".");
    return dot < 0 ? [path, null] : [path.slice(0, dot), path.slice(dot + 1)];
  });
  const only = paths.length === 1 ? paths[0]! : null;
  return { noun, name, field, key: only !== null && only[1] === null ? only[0] : null, paths };
}

/** The wire value of a field, unread; undefined where there is none. */
export function pick(source: Source, object: WireObject): unknown {
  if (source.key !== null) return object[source.key];
  for (const [key, inner] of source.paths) {
    const outer = object[key];
    if (outer === undefined) continue;
    if (inner === null) return outer;
    if (typeof outer !== "object" || outer === null) continue;
    const value = (outer as WireObject)[inner];
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * The strict reading of a field, for whatever the quick one does not know.
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 */
export function strictly(source: Source, object: WireObject): unknown {
  return readField(source.noun, source.name, source.field, object);
}
