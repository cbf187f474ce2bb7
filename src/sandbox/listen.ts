import type { Server } from "node:http";
import { type AddressInfo, isIPv4, isIPv6, type Socket } from "node:net";
import { KalshiError, systemCode } from "../errors.js";

/** The address that a sandbox listens on unless told otherwise. */
export const LOOPBACK = "127.0.0.1";

/** Whether nobody outside this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** An address as it stands in a URL; one that stands for all of them is reached by loopback. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0") return LOOPBACK;
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}

/** A server that listens, with the port it got, until `close` ends it and every connection it has. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts to listen, on loopback unless another address is given; port 0 takes a free one.
 *
 * @throws KalshiError `PORT_IN_USE`, `SANDBOX_FAILED`
 */
export async function listen(server: Server, port: number, host = LOOPBACK): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(listenError(port, host, cause)));
    server.listen(port, host, resolve);
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

export interface ListenOptions {
  readonly port?: number | undefined;
  /** Any that others can reach is warned of. */
  readonly host?: string | undefined;
  readonly controlPort?: number | undefined;
}

/**
 * Lets an exchange and its control server listen, both or none: a port taken for the one does not leave the other listening.
 *
 * @throws KalshiError `PORT_IN_USE`, `SANDBOX_FAILED`
 */
export async function listenBoth(
  exchange: Server,
  control: Server,
  { port = 0, host = LOOPBACK, controlPort = 0 }: ListenOptions,
): Promise<{ readonly main: Listening; readonly side: Listening }> {
  const main = await listen(exchange, port, host);
  try {
    const side = await listen(control, controlPort);
    if (!isLoopback(host)) warnOfStrangers(host, main.port);
    return { main, side };
  } catch (error) {
    await main.close();
    throw error;
  }
}

function warnOfStrangers(host: string, port: number): void {
  process.emitWarning(
    `the sandbox listens on ${host}, port ${port}: whoever reaches this machine can talk to it. Its control port stays on loopback.`,
    { code: "SANDBOX_EXPOSED" },
  );
}

function listenError(port: number, host: string, cause: unknown): KalshiError {
  if (systemCode(cause) === "EADDRINUSE") {
    return new KalshiError("PORT_IN_USE", `port ${port} is taken by another program`, {
      hint: "choose another port, or 0 for any free one",
      context: { port },
      cause,
    });
  }
  if (["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN", "EINVAL"].includes(systemCode(cause) ?? "")) {
    return new KalshiError("SANDBOX_FAILED", `the sandbox cannot listen on the address ${host}`, {
      hint: "give an address of this machine, or none for loopback",
      context: { host, port },
      cause,
    });
  }
  return new KalshiError("SANDBOX_FAILED", `the sandbox cannot listen on port ${port}`, {
    hint: "ports below 1024 are reserved; choose another port, or 0 for any free one",
    context: { port },
    cause,
  });
}
