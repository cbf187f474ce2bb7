import type { IncomingHttpHeaders, Server } from "node:http";
import type { Engine } from "./engine.js";
import type { AccountRef, Reply, World } from "./types.js";

/** Tells who signed, or the answer that refuses. */
export type Authenticate = (
  headers: IncomingHttpHeaders,
  method: string,
  path: string,
) => { readonly account: AccountRef } | { readonly reply: Reply };

export interface ChannelsOptions {
  /** `/trade-api/ws/v2`. */
  readonly path: string;
  readonly authenticate: Authenticate;
  readonly world: World;
  readonly engine: Engine;
}

/** Serves the WebSocket channels on an HTTP server. `close` ends every connection. */
export function attachChannels(_server: Server, _options: ChannelsOptions): { close(): void } {
  return { close() {} };
}
