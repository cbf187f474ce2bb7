// Every public name, floor by floor from the roof down. What is not named here is private and free to change.

// lab: hands it over
export type { Api, BoundOperation } from "./lab/api.js";
export { connect } from "./lab/connect.js";
export type { ConnectOptions, Environment } from "./lab/environment.js";
export type { Ask, CandlestickAsk, Lab, LiveAsk, LiveReadAsk, RecordAsk } from "./lab/lab.js";
export type { PlanDescription, PlanStep } from "./lab/plan-description.js";
export type { Cache, ClearAsk } from "./lab/cache.js";
export type { Estimate } from "./lab/estimate.js";
export type { Fees } from "./lab/fees.js";
export type { Query, QueryOptions, Saved } from "./lab/query.js";
export type { RecordedAsk, RecordedQuery } from "./lab/recorded.js";
export { type DepthAsk, openRecording, type Recording, type SnapshotsAsk } from "./lab/recording.js";
export type { SqlOptions, SqlQuery } from "./lab/sql.js";
export type { SyncAsk, SyncedSubject, SyncReport } from "./lab/sync/ask-and-report.js";
export { type SandboxProcess, startSandboxProcess } from "./lab/sandbox-process.js";
export type { GroupPlace, OrderGroups } from "./lab/order-groups.js";
export type { AmendRequest, DecreaseRequest, OrderPlace, OrderRequest } from "./lab/order-request.js";
export type { BatchResult, QueueAsk, Trading } from "./lab/trading.js";

// kernel: speaks it
export { show } from "./kernel/display.js";
export { installKernel, uninstallKernel } from "./kernel/install.js";
export { type NotebookRun, type NotebookSummary, runNotebook } from "./kernel/notebook.js";

// charts: draws it
export { chart } from "./charts/all.js";
export { type Chart, type ChartBundle, chartOf } from "./charts/chart.js";
export { type ChartPage, chartPage, type PageFigure } from "./charts/html.js";
export type { ChartOptions, TimeChartOptions } from "./charts/options.js";
export type { Scheme } from "./charts/scheme.js";

// datasets: ships it
export { type AccountFile, type AccountFileKind, importAccountFile } from "./datasets/accounts/account-file.js";
export type { CompactAsk, Compacted } from "./datasets/library/compact.js";
export type { Dataset } from "./datasets/library/datasets-in.js";
export type { DropAsk, Dropped } from "./datasets/library/drop.js";
export type { LockOptions } from "./datasets/library/lock-library.js";
export type { Amendment } from "./datasets/library/merge-rows.js";
export type { Vanished } from "./datasets/library/vanished.js";
export type { Fault, FaultKind, Verified } from "./datasets/verify/fault.js";
export { readTable } from "./datasets/read.js";
export { type SavedFile, saveTable } from "./datasets/write.js";

// analysis: weighs it
export { withDates } from "./analysis/dates.js";
export { type Arbitrage, type ArbitrageOptions, arbitrages } from "./analysis/coherence/arbitrages.js";
export { type CoherenceOptions, coherence } from "./analysis/coherence/coherence.js";
export {
  type ImpliedDistribution,
  type ImpliedOptions,
  impliedDistribution,
} from "./analysis/coherence/implied.js";
export { FeeCalendar, type FeeRecords, type FeeTerms, type TermsAt } from "./analysis/fees/calendar.js";
export { type EstimateOptions, estimateFee, type FeeEstimate, type OrderIdea } from "./analysis/fees/estimate.js";
export type { FeeRole, FeeRule } from "./analysis/fees/fee.js";
export { type FeesOptions, feesOf, type Precision } from "./analysis/fees/fees-of.js";
export type { BinOptions } from "./analysis/forecasts/bins.js";
export type { BootstrapOptions } from "./analysis/forecasts/bootstrap.js";
export { type CalibrationOptions, calibration } from "./analysis/forecasts/calibration.js";
export { forecastScores, type ScoreOptions } from "./analysis/forecasts/forecast-scores.js";
export { forecastsAt, type ForecastsOptions } from "./analysis/forecasts/forecasts-at.js";
export { withOutcomes } from "./analysis/forecasts/outcomes.js";
export { type ReturnOptions, returnsByPrice } from "./analysis/forecasts/returns-by-price.js";
export type { SampleOptions, ScalarUse } from "./analysis/forecasts/samples.js";
export { type AsofOptions, asofJoin } from "./analysis/joins/asof-join.js";
export type { AsofDirection } from "./analysis/joins/asof-rows.js";
export { resampleTable, type ResampleTableOptions } from "./analysis/joins/resample-table.js";
export { tradeBars } from "./analysis/joins/trade-bars.js";
export { type Profit, type ProfitInput, type ProfitJson, pnl } from "./analysis/profit/pnl.js";
export {
  type BalanceGiven,
  type PositionLike,
  type ReconcileInput,
  type Reconciliation,
  reconcile,
} from "./analysis/profit/reconcile.js";
export type { ProfileBy } from "./analysis/book/buckets.js";
export { type CostToTradeOptions, costToTrade } from "./analysis/book/cost-to-trade.js";
export { type DepthLike, depthByMarket } from "./analysis/book/depth-by-market.js";
export { depthWithin } from "./analysis/book/depth-within.js";
export { type ExecutionOptions, executionByMarket } from "./analysis/book/execution.js";
export type { SnapshotLike } from "./analysis/book/levels.js";
export { liquidityByMarket } from "./analysis/book/liquidity.js";
export type { TradeSpreadOptions } from "./analysis/book/marked.js";
export { quoteLifetimes } from "./analysis/book/quote-lifetime.js";
export type { QuoteLike } from "./analysis/book/quote-rows.js";
export type { Paged, Streamed } from "./analysis/book/rows.js";
export { type SpreadOptions, spreadByMarket } from "./analysis/book/spread.js";
export { type TradeProfileOptions, tradeProfile } from "./analysis/book/trade-profile.js";
export type { TradeLike } from "./analysis/book/trade-rows.js";
export { tradeSpreads } from "./analysis/book/trade-spreads.js";
export { type VolatilityOptions, volatilityByMarket } from "./analysis/book/volatility.js";

// frames: tabulates it
export { bookTable, quotesOf } from "./frames/books.js";
export { exactNotional, exactSum, rawOf, vwap } from "./frames/exact.js";
export { tableHtml } from "./frames/html.js";
export { type Provenance, type ProvenanceSource, provenance, type UnknownSpan } from "./frames/provenance.js";
export { type ColumnSchema, schemaOf, withSchema } from "./frames/schema.js";
export { tableOf } from "./frames/table-of.js";
export { tableText } from "./frames/text.js";

// recorder: keeps it
export type { OnSlow } from "./recorder/event-queue.js";
export type { Live } from "./recorder/live.js";
export type { Recorder, RecorderStatus, RecordingSummary } from "./recorder/record.js";
export type { ReplayAsk } from "./recorder/replay.js";

// flow: derives it
export type { Bar } from "./flow/bar.js";
export { type BarSize, bars } from "./flow/bars.js";
export { type BookDelta, bookDeltas } from "./flow/book-deltas.js";
export { type BookSnapshot, type BookSnapshotOptions, bookSnapshots } from "./flow/book-snapshots.js";
export { changes } from "./flow/changes.js";
export { type NearDepth, nearDepth } from "./flow/near-depth.js";
export { type ResampleOptions, resample } from "./flow/resample.js";
export type { Trust } from "./flow/settled-books.js";
export { type Quote, topOfBook } from "./flow/top-of-book.js";
export { type AsyncFlow, type Flow, filter, map, merge, pipe, type Transform } from "./flow/transform.js";

// book: rebuilds it
export { bestAsk, bestBid, depth, imbalance, microprice, midpoint, spread } from "./book/best.js";
export { Book } from "./book/book.js";
export type {
  BookEvent,
  Delta,
  Disconnect,
  FillEvent,
  Gap,
  LifecycleEvent,
  OrderEvent,
  OrderGroupEvent,
  PositionEvent,
  Snapshot,
  Stall,
  TickerEvent,
  TradeEvent,
  UnknownEvent,
} from "./book/event.js";

// history: finds it
export type { Progress } from "./history/tally.js";
export type { SelectionInput } from "./history/selection.js";

// exchange: names it
export type { Bucket, Grant, VolumeGoal } from "./exchange/account-limits.js";
export type { ApiKey } from "./exchange/api-key.js";
export { type Balance, parseBalance } from "./exchange/balance.js";
export { type Candlestick, parseCandlestick } from "./exchange/candlestick.js";
export type { BatchItem, ItemRefusal } from "./exchange/batch-answer.js";
export type { Collection } from "./exchange/collection.js";
export type { ComboLeg } from "./exchange/combo-leg.js";
export type { EndpointCost } from "./exchange/endpoint-cost.js";
export type { EventMetadata } from "./exchange/event-metadata.js";
export { type Event, parseEvent } from "./exchange/event.js";
export type { EventPosition } from "./exchange/event-position.js";
export type { ExchangeStatus } from "./exchange/exchange-status.js";
export type { EventFeeChange, SeriesFeeChange } from "./exchange/fee-change.js";
export type { Field, Fields, Kind, RecordOf } from "./exchange/field.js";
export { type Fill, parseFill } from "./exchange/fill.js";
export type { Forecast } from "./exchange/forecast.js";
export type { IncentiveProgram } from "./exchange/incentive-program.js";
export type { EventLiveData, LiveData, PlayByPlay } from "./exchange/live-data.js";
export { type Market, parseMarket } from "./exchange/market.js";
export type { Milestone } from "./exchange/milestone.js";
export type { CallOptions } from "./exchange/operation.js";
export type {
  AmendedOrder,
  CanceledOrder,
  DecreasedOrder,
  PlacedOrder,
  QueuePosition,
} from "./exchange/order-answer.js";
export type { OrderGroup } from "./exchange/order-group.js";
export { type Order, parseOrder } from "./exchange/order.js";
export { type Level, type Orderbook, parseOrderbook } from "./exchange/orderbook.js";
export { type Position, parsePosition } from "./exchange/position.js";
export type { PriceRange } from "./exchange/price-range.js";
export type { Schedule } from "./exchange/schedule.js";
export { parseSeries, type Series } from "./exchange/series.js";
export type { Secret } from "./exchange/secret.js";
export type { SettlementSource } from "./exchange/settlement-source.js";
export { parseSettlement, type Settlement } from "./exchange/settlement.js";
export type { Allocation, ShardBalance } from "./exchange/shard-balance.js";
export type { StructuredTarget } from "./exchange/structured-target.js";
export type { Netting, SubaccountBalance } from "./exchange/subaccount.js";
export { parseTrade, type Trade } from "./exchange/trade.js";
export type { BankTransfer, InstanceTransfer, SubaccountTransfer } from "./exchange/transfer.js";
export type { WeatherCalibrations, WeatherIndex } from "./exchange/weather-index.js";

// units: measures it
export { type Count, formatCount, parseCount } from "./units/count.js";
export { formatPrice, type Price, parsePrice } from "./units/price.js";
export { formatTime, parseTime, type TimeInput, type Timestamp } from "./units/time.js";

// the ground
export { type ErrorCode, errorCodes, KalshiError } from "./errors.js";
export type { AccountReconciliation, ReconcileAsk } from "./lab/reconciliation.js";
