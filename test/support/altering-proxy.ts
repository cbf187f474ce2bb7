import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Sandbox } from "../../src/sandbox/sandbox.js";

/** Changes the JSON of an answer on its way; undefined leaves it as it is. */
export type Alter = (path: string, body: unknown) => unknown | Promise<unknown>;

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
    const answer = await fetch(new URL(request.url ?? "", target), {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
    });
    const text = await answer.text();
    const altered = answer.ok
      ? await proxy.alter(new URL(request.url ?? "", target).pathname, JSON.parse(text) as unknown)
      : undefined;
    response
      .writeHead(answer.status, { "content-type": "application/json" })
      .end(altered === undefined ? text : JSON.stringify(altered));
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
