import type { Json, JsonObject, Reply } from "../types.js";
import { ok } from "../wire/replies.js";
import { replyText } from "../wire/wire.js";
import type { RestFault } from "./rest-fault.js";

const KEPT_PAGES = 2_000;
const KEPT_ROWS = 50;

/** Answers one query of a list. */
export type Ask = (query: URLSearchParams) => Promise<Reply>;

/** A list that was asked for. */
export interface Asked {
  readonly path: string;
  /** As the client wrote it. */
  readonly cursor: string;
  /** With the cursor that is meant by it. */
  readonly query: URLSearchParams;
}

export interface Spoiled {
  readonly reply: Reply;
  readonly isSpoiled: boolean;
}

interface Page {
  readonly body: JsonObject;
  /** The field with the rows. */
  readonly key: string;
  readonly rows: readonly Json[];
}

/** What can go wrong with a page although its answer is 200: faults that a client sees only in the rows and cursors. */
export class PageFaults {
  readonly #tails = new Map<string, readonly Json[]>();
  #emptied = 0;

  /** Whether the end of the page before a cursor is known. */
  knows({ path, query }: Asked): boolean {
    return this.#tails.has(`${path} ${query.get("cursor") ?? ""}`);
  }

  /** Keeps the last rows of a page under the cursor that leads on from it. */
  remember(path: string, reply: Reply): void {
    const page = pageOf(reply);
    const cursor = page?.body.cursor;
    if (page === null || typeof cursor !== "string" || cursor === "") return;
    this.#tails.set(`${path} ${cursor}`, page.rows.slice(-KEPT_ROWS));
    if (this.#tails.size > KEPT_PAGES) this.#tails.delete(this.#tails.keys().next().value as string);
  }

  /** A page with its fault, or as it is where the fault does not fit: on a single market, say, or on a row alone. */
  async spoil(fault: RestFault, asked: Asked, ask: Ask): Promise<Spoiled> {
    if (fault.fault === "restart") return { reply: await ask(withValue(asked.query, "cursor", "")), isSpoiled: true };
    const reply = await ask(asked.query);
    const page = pageOf(reply);
    const spoiled = page === null ? null : await this.#spoiled(fault, asked, page, ask);
    return spoiled === null ? { reply, isSpoiled: false } : { reply: spoiled, isSpoiled: true };
  }

  async #spoiled(
    fault: RestFault,
    { path, cursor, query }: Asked,
    { body, key, rows }: Page,
    ask: Ask,
  ): Promise<Reply | null> {
    if (fault.fault === "empty_page")
      return ok({ ...body, [key]: [], cursor: this.#detour(query.get("cursor") ?? "") });
    if (fault.fault === "repeat_cursor") return ok({ ...body, cursor });
    // What is taken away at the end comes with the next page.
    const fewer = (limit: number) => ask(withValue(query, "limit", String(limit)));
    if (rows.length < 2) return null;
    if (fault.fault === "short_page") {
      return fewer(Math.min(rows.length - 1, Math.max(1, Math.floor(rows.length * fault.share))));
    }
    if (fault.fault !== "duplicate_rows") return null;
    const tail = this.#tails.get(`${path} ${query.get("cursor") ?? ""}`) ?? [];
    const again = tail.slice(-Math.min(fault.rows, rows.length - 1));
    const rest = again.length === 0 ? null : pageOf(await fewer(rows.length - again.length));
    return rest === null ? null : ok({ ...rest.body, [key]: [...again, ...rest.rows] });
  }

  /** Another text for the same place. Real cursors hold no dot. */
  #detour(cursor: string): string {
    this.#emptied += 1;
    return `e${this.#emptied}.${cursor}`;
  }
}

/** What a request asks for: the cursor of an emptied page leads to where that page was asked from. */
export function readAsked(path: string, query: URLSearchParams): Asked {
  const cursor = query.get("cursor") ?? "";
  const detour = /^e\d+\.(.*)$/s.exec(cursor);
  return { path, cursor, query: detour === null ? query : withValue(query, "cursor", detour[1] as string) };
}

function withValue(query: URLSearchParams, name: string, value: string): URLSearchParams {
  const copy = new URLSearchParams(query);
  if (value === "") copy.delete(name);
  else copy.set(name, value);
  return copy;
}

/** A 200 with a cursor and a list of rows; null for any other answer. */
function pageOf(reply: Reply): Page | null {
  if (reply.status !== 200) return null;
  const body = JSON.parse(replyText(reply) ?? "null") as Json;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  const fields = body as JsonObject;
  const lists = Object.keys(fields).filter((key) => Array.isArray(fields[key]));
  const key = lists.find((name) => (fields[name] as readonly Json[]).length > 0) ?? lists[0];
  if (key === undefined || typeof fields.cursor !== "string") return null;
  return { body: fields, key, rows: fields[key] as readonly Json[] };
}
