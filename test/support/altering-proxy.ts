import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Sandbox } from "../../src/sandbox/sandbox.js";

/** Changes the JSON of a successful answer on its way; undefined leaves it as it is, {@link CUT} ends the connection within it. */
export type Alter = (path: string, body: unknown, method: string) => unknown | Promise<unknown>;

/** Loses an answer: the sandbox has acted, and the client hears half of it. */
export const CUT = Symbol("cut");

/** Stands between a client and a sandbox, on loopback. Signatures stay valid: the host is not part of them. */
export interface AlteringProxy {
  readonly restUrl: string;
  alter: Alter;
  close(): Promise<void>;
}

export async function alteringProxy({ ready }: Sandbox): Promise<AlteringProxy> {
  const target = new URL(ready.rest_url);
  const proxy = { alter: (() => undefined) as Alter };
  const server = createServer(async (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name !== "host" && name !== "connection"),
    );
    const method = request.method ?? "GET";
    const sent = await buffer(request);
    const answer = await fetch(new URL(request.url ?? "", target), {
      method,
      headers: headers as Record<string, string>,
      ...(sent.length > 0 ? { body: new Uint8Array(sent) } : {}),
    });
    const text = await answer.text();
    const { pathname } = new URL(request.url ?? "", target);
    const json = text === "" ? undefined : (JSON.parse(text) as unknown);
    const altered = answer.ok ? await proxy.alter(pathname, json, method) : undefined;
    const whole = altered === undefined ? text : JSON.stringify(altered);
    response.writeHead(answer.status, { "content-type": "application/json" });
    if (altered === CUT) response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    else response.end(whole);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    restUrl: `http://127.0.0.1:${port}${target.pathname}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
