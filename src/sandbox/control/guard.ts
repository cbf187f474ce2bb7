import type { IncomingHttpHeaders } from "node:http";

const LOOPBACK_HOSTS = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/**
 * Why a request to the control port is refused; null where it may pass. Pages of other sites reach loopback through the browser of whoever
 * runs a sandbox: by its address, which their `Origin` betrays, or by a name of their own that leads there, which `Host` does.
 */
export function whyRefused(headers: IncomingHttpHeaders): string | null {
  const { host = "", origin } = headers;
  if (!LOOPBACK_HOSTS.test(host)) return "the control port answers to 127.0.0.1 and localhost alone";
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return "asked for by another site";
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return "asked for by another site";
  return null;
}
