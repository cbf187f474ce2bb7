import axios from "axios";
import * as client from "kalshi-typescript";
import type { Sandbox } from "../../src/sandbox/sandbox.js";

// Each API object signs through an axios of its own: on one they share, every object would sign once more. The client is typed by
// axios for CommonJS, which differs in name only.
type Axios = NonNullable<ConstructorParameters<typeof client.MarketApi>[2]>;

/** The classes of the exchange's own client whose operations the sandbox shares. Requests for quotes and clearing members it does not. */
const shared = {
  AccountApi: client.AccountApi,
  ApiKeysApi: client.ApiKeysApi,
  EventsApi: client.EventsApi,
  ExchangeApi: client.ExchangeApi,
  HistoricalApi: client.HistoricalApi,
  IncentiveProgramsApi: client.IncentiveProgramsApi,
  LiveDataApi: client.LiveDataApi,
  MarketApi: client.MarketApi,
  MilestoneApi: client.MilestoneApi,
  MultivariateApi: client.MultivariateApi,
  OrderGroupsApi: client.OrderGroupsApi,
  OrdersApi: client.OrdersApi,
  PortfolioApi: client.PortfolioApi,
  SearchApi: client.SearchApi,
  StructuredTargetsApi: client.StructuredTargetsApi,
};

export const excused: readonly string[] = ["CommunicationsApi", "FcmApi"];

type Shared = typeof shared;
/** An object of each class, signing for the sandbox's first account. */
export type Clients = { readonly [Name in keyof Shared]: InstanceType<Shared[Name]> };

export function clientsOf(sandbox: Sandbox): Clients {
  const configuration = new client.Configuration({
    apiKey: sandbox.ready.key_id,
    privateKeyPem: sandbox.privateKey,
    basePath: sandbox.ready.rest_url,
  });
  const made = Object.entries(shared).map(([name, Api]) => {
    const instance = new (Api as typeof client.MarketApi)(configuration, undefined, axios.create() as unknown as Axios);
    return [name, instance] as const;
  });
  return Object.fromEntries(made) as unknown as Clients;
}

/** `MarketApi.getMarket` and so on: every method of every class, those of excused classes apart. */
export function methodsOfClient(): readonly string[] {
  return Object.entries(client)
    .filter(([name, value]) => name.endsWith("Api") && typeof value === "function" && !excused.includes(name))
    .flatMap(([name, Api]) =>
      Object.getOwnPropertyNames((Api as unknown as { prototype: object }).prototype)
        .filter((method) => method !== "constructor")
        .map((method) => `${name}.${method}`),
    )
    .sort();
}

/** The classes of the client. */
export function classesOfClient(): readonly string[] {
  return Object.entries(client)
    .filter(([name, value]) => name.endsWith("Api") && typeof value === "function")
    .map(([name]) => name)
    .sort();
}
