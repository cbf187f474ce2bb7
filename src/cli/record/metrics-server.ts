import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KalshiError, systemCode } from "../../errors.js";
import { METRICS_TYPE, metricsText } from "../../recorder/metrics.js";
import type { RecorderStatus } from "../../recorder/record.js";

const LOOPBACK = "127.0.0.1";

/** A recorder's figures for Prometheus, until it is closed. */
export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` on loopback alone; port 0 takes a free one.
 *
 * @throws KalshiError `PORT_IN_USE`, `BAD_ARGUMENT` for a port that may not be listened on
 */
export async function serveMetrics(port: number, status: () => RecorderStatus | null): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", `http://${LOOPBACK}`);
    if (pathname !== "/metrics") {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("the figures are at /metrics\n");
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else {
      const now = status();
      response.writeHead(200, { "content-type": METRICS_TYPE, "cache-control": "no-store" });
      response.end(now === null ? "" : metricsText(now));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(listenError(port, cause)));
    server.listen(port, LOOPBACK, resolve);
  });
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenError(port: number, cause: unknown): KalshiError {
  const isTaken = systemCode(cause) === "EADDRINUSE";
  return new KalshiError(
    isTaken ? "PORT_IN_USE" : "BAD_ARGUMENT",
    isTaken ? `port ${port} is taken by another program` : `port ${port} cannot be listened on`,
    { hint: "choose another port above 1024, or 0 for any free one", context: { port }, cause },
  );
}
