import type { Json, JsonObject, Reply } from "../types.js";

/** An answer as text: keys in alphabetical order at every depth, undefined fields left out. */
export function wireText(value: Json): string {
  return JSON.stringify(sorted(value));
}

/** The body of an answer as text; null where it has none. */
export function replyText({ body, text }: Reply): string | null {
  if (text !== undefined) return text;
  return body === undefined ? null : wireText(body);
}

/** The same value with its keys in alphabetical order; itself where they already are. */
function sorted(value: Json | undefined): Json | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => sorted(item) as Json);
  const keys = Object.keys(value);
  let ordered = true;
  for (let i = 1; i < keys.length; i += 1) {
    if ((keys[i - 1] as string) > (keys[i] as string)) {
      ordered = false;
      break;
    }
  }
  if (ordered && !keys.some((key) => typeof value[key] === "object" && value[key] !== null)) return value;
  if (!ordered) keys.sort();
  const result: Record<string, Json | undefined> = {};
  for (const key of keys) result[key] = sorted(value[key]);
  return result;
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
