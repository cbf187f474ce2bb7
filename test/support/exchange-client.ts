import axios, { isAxiosError } from "axios";
import {
  AccountApi,
  type Configuration,
  EventsApi,
  ExchangeApi,
  HistoricalApi,
  IncentiveProgramsApi,
  MarketApi,
  MilestoneApi,
  OrdersApi,
  PortfolioApi,
  SearchApi,
  StructuredTargetsApi,
} from "kalshi-typescript";

// One axios instance each: the exchange's client adds an interceptor per API object, and on a shared instance they sign twice.
// The package sees axios' types for CommonJS and this file those for modules; it is the same object.
type Axios = NonNullable<ConstructorParameters<typeof MarketApi>[2]>;
const own = () => axios.create() as unknown as Axios;

/** The API objects of the exchange's own client. */
export function peerOf(configuration: Configuration) {
  return {
    account: new AccountApi(configuration, undefined, own()),
    events: new EventsApi(configuration, undefined, own()),
    exchange: new ExchangeApi(configuration, undefined, own()),
    historical: new HistoricalApi(configuration, undefined, own()),
    incentives: new IncentiveProgramsApi(configuration, undefined, own()),
    markets: new MarketApi(configuration, undefined, own()),
    milestones: new MilestoneApi(configuration, undefined, own()),
    orders: new OrdersApi(configuration, undefined, own()),
    portfolio: new PortfolioApi(configuration, undefined, own()),
    search: new SearchApi(configuration, undefined, own()),
    targets: new StructuredTargetsApi(configuration, undefined, own()),
  };
}

/** The API objects by what they are about. */
export type Peer = ReturnType<typeof peerOf>;

/** Status, code and details of an answer that axios threw. */
export function answerOf(error: unknown): { status: number | undefined; code?: string; details?: string } {
  if (!isAxiosError(error)) throw error;
  const body = (error.response?.data ?? {}) as {
    error?: { code?: string; details?: string };
    code?: string;
    details?: string;
  };
  const { code, details } = body.error ?? body;
  return {
    status: error.response?.status,
    ...(code === undefined ? {} : { code }),
    ...(details === undefined ? {} : { details }),
  };
}
