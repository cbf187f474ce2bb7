import type { Route } from "../types.js";

/** A route that fits a request, with what its colon parameters stand for. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
  /** How many segments are literal: `/markets/trades` wins over `/markets/:ticker`. */
  readonly literals: number;
}

/** A table of routes to look requests up in. */
export class Router {
  readonly routes: readonly Route[];
  readonly #byLength = new Map<number, Compiled[]>();

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) {
      const segments = route.path.split("/");
      const literals = segments.filter((segment) => !segment.startsWith(":")).length;
      const list = this.#byLength.get(segments.length) ?? [];
      list.push({ route, segments, literals });
      this.#byLength.set(segments.length, list);
    }
    for (const list of this.#byLength.values()) list.sort((a, b) => b.literals - a.literals);
  }

  /** Finds what serves a path below the prefix: `"path"` when the path is unknown, `"method"` when only the method is. */
  find(method: string, path: string): Match | "path" | "method" {
    const segments = path.split("/");
    let missing: "path" | "method" = "path";
    for (const candidate of this.#byLength.get(segments.length) ?? []) {
      const params = bind(candidate.segments, segments);
      if (params === null) continue;
      if (candidate.route.method === method) return { route: candidate.route, params };
      missing = "method";
    }
    return missing;
  }
}

function bind(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (let i = 0; i < pattern.length; i += 1) {
    const expected = pattern[i] as string;
    const found = segments[i] as string;
    if (!expected.startsWith(":")) {
      if (expected !== found) return null;
      continue;
    }
    const value = decoded(found);
    if (value === null || value === "") return null;
    params[expected.slice(1)] = value;
  }
  return params;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A stray percent sign names nothing that exists.
    return null;
  }
}
