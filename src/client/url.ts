import { KalshiError } from "../errors.js";
import type { QueryValues } from "./http.js";

/** The query string of a request, with its question mark; "" for none. */
export function queryString(query: QueryValues | undefined): string {
  if (query === undefined) return "";
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === "object") for (const one of value) params.append(name, one);
    else params.append(name, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** The base URL of an exchange. @throws KalshiError `BAD_ARGUMENT` for what is none, such as a host and its port: `localhost` is no scheme */
export function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "https:" || url.protocol === "http:")) return url;
  throw new KalshiError("BAD_ARGUMENT", `not a URL of HTTP: ${JSON.stringify(text)}`, {
    hint: "give the base URL with its prefix, such as http://127.0.0.1:8080/trade-api/v2",
    context: { text },
  });
}
