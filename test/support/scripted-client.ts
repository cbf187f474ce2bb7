import { generateKeyPairSync } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Client } from "../../src/client/http.js";
import { createSigner } from "../../src/client/signing.js";
import { answer, scriptedServer } from "./scripted-http.js";

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

/** What a client sent: `POST /portfolio/…?subaccount=1` and its body. */
export interface Sent {
  readonly line: string;
  readonly body: unknown;
}

/** What the server does with a request: a status and body to answer, a text as it is, or `"cut"`, `"reset"`, `"silence"`. */
export type Step = readonly [status: number, body: unknown] | { readonly text: string } | "cut" | "reset" | "silence";

export interface ScriptedClient {
  readonly client: Client;
  /** In the order they came. */
  readonly sent: readonly Sent[];
  close(): Promise<void>;
}

/** A signing client of a loopback server that answers as `decide` says, after it has read the body. */
export async function scriptedClient(decide: (sent: Sent, count: number) => Step): Promise<ScriptedClient> {
  const sent: Sent[] = [];
  const server = await scriptedServer(async (request, response) => {
    const one = { line: lineOf(request), body: await bodyOf(request) };
    sent.push(one);
    const step = decide(one, sent.length);
    if (step === "silence") return;
    if (step === "reset") request.socket.destroy();
    else if (step === "cut") response.writeHead(201, { "content-type": "application/json" }).end('{"order_id":');
    else if ("text" in step) response.writeHead(201).end(step.text);
    else if (step[1] === undefined) response.writeHead(step[0]).end();
    else answer(response, step[0], step[1]);
  });
  const client = new Client({
    baseUrl: server.baseUrl,
    signer: createSigner({ keyId: "key", privateKey: pem }),
    timeoutMs: 500,
    writes: true,
    retry: { attempts: 2, baseMs: 1, ceilingMs: 1 },
  });
  return {
    client,
    sent,
    async close() {
      await client.close();
      await server.close();
    },
  };
}

function lineOf(request: IncomingMessage): string {
  return `${request.method} ${String(request.url).replace("/trade-api/v2", "")}`;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
