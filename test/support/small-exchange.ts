import type { IncomingMessage } from "node:http";
import { examine } from "../../src/cli/doctor/examine.js";
import type { Environments } from "../../src/cli/doctor/other-environment.js";
import type { DoctorStep } from "../../src/cli/doctor/step.js";
import type { KalshiError } from "../../src/errors.js";
import type { ConnectOptions } from "../../src/lab/environment.js";
import { freshPem } from "./keys.js";
import { answer, type ScriptedServer, scriptedServer } from "./scripted-http.js";

export const KEY_ID = "11111111-2222-3333-4444-555555555555";
const privateKey = freshPem();

/** What the doctor told, and what it found to be wrong. */
export interface Examined {
  readonly problem: KalshiError | null;
  readonly steps: readonly DoctorStep[];
  /** `host ok`, `key failed`, … in the order told. */
  readonly went: readonly string[];
  /** The first step of a name. */
  step(name: DoctorStep["step"]): DoctorStep;
}

export async function examined(options: ConnectOptions, known?: Environments): Promise<Examined> {
  const steps: DoctorStep[] = [];
  const problem = await examine(options, {}, (step) => steps.push(step), known);
  const step = (name: string): DoctorStep => {
    const found = steps.find((one) => one.step === name);
    if (found === undefined) throw new Error(`no step ${name}`);
    return found;
  };
  return { problem, steps, went: steps.map((one) => `${one.step} ${one.status}`), step };
}

/** Status and body of an answer. */
export type Answered = readonly [status: number, body: unknown];

export interface SmallExchange {
  readonly server: ScriptedServer;
  /** How to connect to it, with a key. */
  readonly options: ConnectOptions;
}

export interface SmallExchangeOptions {
  /** How far its clock is ahead. */
  readonly offsetMs?: number;
  /** What a signed request is refused with; null lets it pass. */
  readonly refuse?: (request: IncomingMessage) => Answered | null;
  /** Answers that differ from those of an account where all is well, by path. */
  readonly answers?: Readonly<Record<string, Answered>>;
}

/** As much of an exchange as the doctor asks, with the faults that a test gives it. */
export async function smallExchange({
  offsetMs = 0,
  refuse = () => null,
  answers = {},
}: SmallExchangeOptions = {}): Promise<SmallExchange> {
  const all: Readonly<Record<string, Answered>> = { ...wellAnswers(), ...answers };
  const server = await scriptedServer((request, response) => {
    response.setHeader("date", new Date(Date.now() + offsetMs).toUTCString());
    const path = (request.url ?? "").replace("/trade-api/v2", "");
    const refused = path === "/exchange/status" ? null : refuse(request);
    const [status, body] = refused ?? all[path] ?? [404, {}];
    answer(response, status, body);
  });
  return { server, options: { env: "demo", restUrl: server.baseUrl, keyId: KEY_ID, privateKey } };
}

/** The body of a refused authentication. */
export function unauthorized(details: string, code = "authentication_error"): Answered {
  return [401, { error: { code, message: code, details } }];
}

export function forbidden(message: string): Answered {
  return [403, { error: { code: "forbidden", message } }];
}

/** The list of keys, with this one in it. */
export function keyList(key: Readonly<Record<string, unknown>>, attestedFor: number | null = 90): Answered {
  const own = { api_key_id: KEY_ID, name: "mine", scopes: ["read", "write"], ...key };
  const until = attestedFor === null ? {} : { api_key_region_expiration_ts: inDays(attestedFor) };
  const other = { api_key_id: "another", name: "other", scopes: ["read"], subaccount: 9 };
  return [200, { api_keys: [other, own], ...until }];
}

function inDays(days: number): number {
  return Math.floor(Date.now() / 1000 + days * 86_400);
}

function wellAnswers(): Readonly<Record<string, Answered>> {
  return {
    "/exchange/status": [200, { exchange_active: true }],
    "/portfolio/balance": [200, { balance: 1 }],
    "/api_keys": keyList({}),
    "/account/limits": [
      200,
      {
        usage_tier: "basic",
        grants: [],
        read: { refill_rate: 200, bucket_capacity: 600 },
        write: { refill_rate: 100, bucket_capacity: 100 },
      },
    ],
  };
}
