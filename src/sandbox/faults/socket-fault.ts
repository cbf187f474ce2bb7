import { type Fields, numberIn, oneOf, wholeFrom } from "./fault-fields.js";
import { bodies, type FaultKind, readDelay, type StatusFault } from "./rest-fault.js";

/** What goes wrong with one frame, one connection, or one handshake. See `readFaults` for what each means. */
export type SocketFault =
  | { readonly fault: "drop" | "duplicate" | "disconnect" }
  | { readonly fault: "delay"; readonly from: number; readonly to: number }
  | { readonly fault: "reorder"; readonly frames: number }
  | { readonly fault: "error"; readonly code: 10 | 25 }
  | { readonly fault: "stall"; readonly ms: number; readonly pings: boolean }
  | {
      readonly fault: "handshake";
      readonly status: StatusFault["status"];
      readonly body: StatusFault["body"];
      /** Those alone that had a connection before. */
      readonly reconnect: boolean;
    };

/** The fields of each fault of a socket. */
export const socketFaults: Readonly<Record<SocketFault["fault"], FaultKind<SocketFault>>> = {
  drop: { fields: [], read: () => ({ fault: "drop" }) },
  duplicate: { fields: [], read: () => ({ fault: "duplicate" }) },
  delay: { fields: ["ms", "from", "to"], read: readDelay },
  reorder: {
    fields: ["frames"],
    read: (at, { frames }) => ({ fault: "reorder", frames: wholeFrom(`${at}.frames`, frames ?? 1, 1) }),
  },
  disconnect: { fields: [], read: () => ({ fault: "disconnect" }) },
  error: {
    fields: ["code"],
    read: (at, { code }) => ({ fault: "error", code: oneOf(`${at}.code`, code ?? 25, [10, 25]) }),
  },
  stall: {
    fields: ["ms", "pings"],
    read: (at, { ms, pings }) => ({
      fault: "stall",
      ms: numberIn(`${at}.ms`, ms, 1, 3_600_000),
      pings: oneOf(`${at}.pings`, pings ?? true, [true, false]),
    }),
  },
  handshake: { fields: ["status", "body", "reconnect"], read: readHandshake },
};

function readHandshake(at: string, { status, body, reconnect }: Fields): SocketFault {
  return {
    fault: "handshake",
    status: oneOf(`${at}.status`, status ?? 502, [429, 500, 502, 503, 504] as const),
    body: oneOf(`${at}.body`, body ?? "html", bodies),
    reconnect: oneOf(`${at}.reconnect`, reconnect ?? true, [true, false]),
  };
}
