import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Scripted = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A loopback server that answers as a test scripts it; `count` is the number of the request, from 1. */
export interface ScriptedServer {
  readonly baseUrl: string;
  readonly requests: readonly IncomingMessage[];
  close(): Promise<void>;
}

export async function scriptedServer(script: Scripted): Promise<ScriptedServer> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    script(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/trade-api/v2`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers with JSON. */
export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
