import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { KalshiError, systemCode } from "../errors.js";

/** The only address that a sandbox listens on. */
export const LOOPBACK = "127.0.0.1";

/** A server that listens, with the port it got, until `close` ends it and every connection it has. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts to listen on loopback; port 0 takes a free one.
 *
 * @throws KalshiError `PORT_IN_USE`, `SANDBOX_FAILED`
 */
export async function listen(server: Server, port: number): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(listenError(port, cause)));
    server.listen(port, LOOPBACK, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listenError(port: number, cause: unknown): KalshiError {
  if (systemCode(cause) === "EADDRINUSE") {
    return new KalshiError("PORT_IN_USE", `port ${port} is taken by another program`, {
      hint: "choose another port, or 0 for any free one",
      context: { port },
      cause,
    });
  }
  return new KalshiError("SANDBOX_FAILED", `the sandbox cannot listen on port ${port}`, {
    hint: "ports below 1024 are reserved; choose another port, or 0 for any free one",
    context: { port },
    cause,
  });
}
