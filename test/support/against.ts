import { onTestFinished } from "vitest";
import { Client, type ClientOptions } from "../../src/client/http.js";
import { type Scripted, type ScriptedServer, scriptedServer } from "./scripted-http.js";

/** A client, and the loopback server that it asks. */
export interface Against {
  readonly client: Client;
  readonly server: ScriptedServer;
}

/** Closes something when the test ends, what was named last first. */
export function closing<T extends { close(): unknown }>(one: T): T {
  onTestFinished(async () => void (await one.close()));
  return one;
}

/** A server that answers as scripted, until the test ends. */
export async function serving(script: Scripted): Promise<ScriptedServer> {
  return closing(await scriptedServer(script));
}

/** A client of a server that answers as scripted, both until the test ends. Its tries come quickly. */
export async function against(script: Scripted, options: Partial<ClientOptions> = {}): Promise<Against> {
  const server = await serving(script);
  return { client: closing(new Client({ baseUrl: server.baseUrl, retry: quick, ...options })), server };
}

/** Few tries, with hardly a wait between them. */
export const quick = { baseMs: 1, ceilingMs: 2, attempts: 3 };
