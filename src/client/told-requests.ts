import { type Channel, channel } from "node:diagnostics_channel";

/** A request that was sent, and how it ended. Never what it was signed with. */
export interface ToldRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly ms: number;
  /** Which try of the same request it was, from 1 on. */
  readonly number: number;
  /** Tokens that it cost. */
  readonly cost: number;
}

/** Where every request of this process is told to whoever listens; costs nothing while nobody does. */
export const requests: Channel = channel("kalshi-lab:request");
