import { readFileSync } from "node:fs";
import axios from "axios";
import { Configuration, HistoricalApi } from "kalshi-typescript";
import { connect } from "../src/lab/connect.js";
import { type SandboxProcess, startSandboxProcess } from "../src/lab/sandbox-process.js";
import { type Tier, tiers } from "../src/sandbox/rest/limits.js";
import type { BenchResult } from "./result.js";

const LATENCY_MS = 80;
const PAGES = 1_000;
const TICKER = "BULK-ARCHIVED-T50";
/** Pages of the plain loop: enough for a rate. */
const PLAIN_PAGES = 100;

/**
 * Downloads of 1,000 pages of trades from a sandbox that answers after 80 ms, beside the plain loop over cursors that a user of the exchange's
 * own client writes. What counts is which part of the tokens it could have had was spent: spent ÷ (capacity + refill × elapsed), counted by
 * the exchange. Goal: 0.97 at Basic and Premier, with no answer 429. At Prestige the full bucket covers all of it, and the machine is the
 * limit.
 */
export async function downloads(): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const tier of ["basic", "premier", "prestige"] as const) results.push(await downloadAt(tier));
  return results;
}

export async function downloadAt(tier: Tier): Promise<BenchResult> {
  const sandbox = await startSandboxProcess([
    ...["--bulk-trades", String(PAGES * 1_000), "--latency", String(LATENCY_MS), "--tier", tier],
  ]);
  try {
    const plain = await plainLoop(sandbox);
    const ours = await ownDownload(sandbox);
    const { rate, capacity } = tiers[tier].read;
    const share = (tokens: number, seconds: number): number => round(tokens / (capacity + rate * seconds), 4);
    return {
      name: `download of ${PAGES} pages at ${tier}`,
      ratio: round(ours.seconds / PAGES / (plain.seconds / PLAIN_PAGES), 3),
      unit: "× plain cursor loop",
      details: {
        goal: tier === "prestige" ? "-" : "0.97 of the tokens, no 429",
        tokens_spent: ours.tokens,
        share_of_tokens: share(ours.tokens, ours.seconds),
        share_of_tokens_while_paging: share(ours.pagingTokens, ours.pagingSeconds),
        answers_429: ours.refused,
        extra_requests: round(ours.requests / PAGES - 1, 3),
        pages_per_second: round(PAGES / ours.seconds, 1),
        seconds: round(ours.seconds, 2),
        plain_pages_per_second: round(PLAIN_PAGES / plain.seconds, 1),
        plain_share_of_tokens: share(plain.tokens, plain.seconds),
      },
    };
  } finally {
    await sandbox.close();
  }
}

async function ownDownload(sandbox: SandboxProcess) {
  const lab = await connect({
    env: "sandbox",
    restUrl: sandbox.rest_url,
    wsUrl: sandbox.ws_url,
    keyId: sandbox.key_id,
    privateKeyPath: sandbox.private_key_path,
    cache: false,
  });
  try {
    await refilled(lab.client.read.size.capacity / lab.client.read.size.refillRate);
    await control(sandbox, "DELETE", "/stats");
    const before = lab.client.usage.tokens;
    const started = performance.now();
    const query = lab.trades({ ticker: TICKER, onProgress: () => undefined });
    await query.plan();
    const planned = lab.client.usage.tokens;
    const paging = performance.now();
    let rows = 0;
    for await (const page of query.pages()) rows += page.length;
    const ended = performance.now();
    if (rows < PAGES * 1_000) throw new Error(`${rows} trades of ${PAGES * 1_000}`);
    const all = await stats(sandbox);
    return {
      seconds: (ended - started) / 1000,
      pagingSeconds: (ended - paging) / 1000,
      tokens: all.tokens,
      pagingTokens: all.tokens - (planned - before),
      requests: all.requests,
      refused: all.refused,
    };
  } finally {
    await lab.close();
  }
}

/** What the exchange's own client offers, as its users write it. */
async function plainLoop(sandbox: SandboxProcess) {
  const configuration = new Configuration({
    apiKey: sandbox.key_id,
    privateKeyPem: readFileSync(sandbox.private_key_path, "utf8"),
    basePath: sandbox.rest_url,
  });
  type Axios = NonNullable<ConstructorParameters<typeof HistoricalApi>[2]>;
  const api = new HistoricalApi(configuration, undefined, axios.create() as unknown as Axios);
  await control(sandbox, "DELETE", "/stats");
  const started = performance.now();
  let cursor: string | undefined;
  for (let page = 0; page < PLAIN_PAGES; page += 1) {
    const { data } = await api.getTradesHistorical(TICKER, undefined, undefined, 1000, cursor);
    cursor = data.cursor;
  }
  const seconds = (performance.now() - started) / 1000;
  return { seconds, tokens: (await stats(sandbox)).tokens };
}

/** What the exchange has counted of the one account since it was asked to begin anew. */
async function stats(sandbox: SandboxProcess): Promise<Counted> {
  const told = await control(sandbox, "GET", "/stats");
  const { read } = told.accounts[0]!;
  return { tokens: read.spent, requests: told.requests, refused: told.answered_429 };
}

interface Counted {
  readonly tokens: number;
  readonly requests: number;
  readonly refused: number;
}

interface Stats {
  readonly requests: number;
  readonly answered_429: number;
  readonly accounts: readonly { readonly read: { readonly spent: number } }[];
}

async function control({ control_url }: SandboxProcess, method: string, path: string): Promise<Stats> {
  const answer = await fetch(`${control_url}${path}`, { method });
  return (await answer.json()) as Stats;
}

/** Until the bucket is full again. */
function refilled(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000 + 100));
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
