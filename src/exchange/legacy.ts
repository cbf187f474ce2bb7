import { KalshiError } from "../errors.js";
import type { Field, Fields, WireObject } from "./field.js";

/** An amount under the name that it had before 2026, and the name that replaced it. */
interface OldName {
  readonly old: string;
  readonly replacement: string;
}

/** What was replaced by something of another name and form. */
const replaced: Readonly<Record<string, string>> = { price_ranges: "tick_size" };

/** Longest first: a book's side on the socket ends in both. */
const SUFFIXES = ["_dollars_fp", "_dollars", "_fp"] as const;

/**
 * Refuses a record that carries an amount only in the shape before 2026: prices in whole cents and counts in whole contracts under names
 * without suffix, and for a while texts under names that end in `_fixed`. Where the new name stands beside the old one, the new one counts.
 *
 * @throws KalshiError `LEGACY_FIELDS` naming the replacement
 * @see API: 5.6 Data-migration failures
 */
export function refuseLegacyField(noun: string, field: Field, object: WireObject): void {
  const found = oldName(field, object);
  if (found !== null) throw legacyFields(noun, found.old, found.replacement, `text of ${field.kind}`);
}

/** The same for all fields of a record. @throws KalshiError `LEGACY_FIELDS` naming the replacement */
export function refuseLegacyRecord(noun: string, fields: Fields, object: WireObject): void {
  for (const field of Object.values(fields)) refuseLegacyField(noun, field, object);
}

/** The error about a record in the shape before 2026. */
export function legacyFields(noun: string, old: string, replacement: string, form: string): KalshiError {
  return new KalshiError(
    "LEGACY_FIELDS",
    old === replacement
      ? `a ${noun} in the shape before 2026: \`${old}\` as a number where ${form} is expected`
      : `a ${noun} in the shape before 2026: \`${old}\` where \`${replacement}\` is expected`,
    {
      hint: `use \`${replacement}\` (${form}); download the record again, or convert the file`,
      context: { noun, found: old, replacement },
    },
  );
}

function oldName(field: Field, object: WireObject): OldName | null {
  for (const path of field.wire) {
    const value = valueAt(object, path);
    // A number under a name that has stayed: only a text is the new shape.
    const bare = suffixOf(path) === null && isAmount(field);
    if (value !== undefined && value !== null)
      return bare && typeof value === "number" ? { old: path, replacement: field.wire[0]! } : null;
  }
  let names = oldNames.get(field);
  if (names === undefined) {
    names = field.wire.flatMap((path) => oldNamesOf(field, path).map((old) => ({ old, replacement: path })));
    oldNames.set(field, names);
  }
  return names.find(({ old }) => (valueAt(object, old) ?? null) !== null) ?? null;
}

const oldNames = new WeakMap<Field, readonly OldName[]>();

function oldNamesOf(field: Field, path: string): readonly string[] {
  const other = replaced[path];
  if (other !== undefined) return [other];
  const suffix = isAmount(field) ? suffixOf(path) : null;
  if (suffix === null) return [];
  const bare = path.slice(0, -suffix.length);
  return [bare, `${bare}_fixed`].filter((name) => !field.wire.includes(name));
}

function isAmount({ kind, form }: Field): boolean {
  return (kind === "dollars" || kind === "contracts") && form === "plain";
}

function suffixOf(path: string): string | null {
  return SUFFIXES.find((suffix) => path.endsWith(suffix)) ?? null;
}

function valueAt(object: WireObject, path: string): unknown {
  const dot = path.indexOf(".");
  if (dot < 0) return object[path];
  const outer = object[path.slice(0, dot)];
  return typeof outer === "object" && outer !== null ? (outer as WireObject)[path.slice(dot + 1)] : undefined;
}
