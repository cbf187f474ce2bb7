import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as lab from "../src/index.js";

describe("the public names", () => {
  it("are these values, so that a change to them shows in review", () => {
    expect(Object.keys(lab).sort()).toEqual([
      "Book",
      "KalshiError",
      "bestAsk",
      "bestBid",
      "bookTable",
      "chart",
      "chartOf",
      "connect",
      "depth",
      "depthWithin",
      "errorCodes",
      "exactNotional",
      "exactSum",
      "formatCount",
      "formatPrice",
      "formatTime",
      "installKernel",
      "midpoint",
      "openRecording",
      "parseBalance",
      "parseCandlestick",
      "parseCount",
      "parseEvent",
      "parseFill",
      "parseMarket",
      "parseOrder",
      "parseOrderbook",
      "parsePosition",
      "parsePrice",
      "parseSeries",
      "parseSettlement",
      "parseTime",
      "parseTrade",
      "pnl",
      "provenance",
      "quotesOf",
      "rawOf",
      "readTable",
      "runNotebook",
      "saveTable",
      "schemaOf",
      "show",
      "spread",
      "spreadByMarket",
      "startSandboxProcess",
      "tableHtml",
      "tableText",
      "uninstallKernel",
      "vwap",
      "withSchema",
    ]);
  });

  it("are these types", () => {
    const text = readFileSync(new URL("../src/index.ts", import.meta.url), "utf8");
    const exported = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, allTypes, names]) =>
      names!.split(",").flatMap((name) => {
        const trimmed = name.trim();
        if (trimmed === "") return [];
        if (allTypes !== undefined) return [trimmed];
        return trimmed.startsWith("type ") ? [trimmed.slice(5)] : [];
      }),
    );
    expect(exported.sort()).toEqual([
      "Ask",
      "Balance",
      "BookEvent",
      "CanceledOrder",
      "Candlestick",
      "CandlestickAsk",
      "Chart",
      "ChartBundle",
      "ColumnSchema",
      "ConnectOptions",
      "Count",
      "Environment",
      "ErrorCode",
      "Estimate",
      "Event",
      "Field",
      "Fields",
      "Fill",
      "Kind",
      "Lab",
      "Level",
      "Live",
      "LiveAsk",
      "Market",
      "NotebookRun",
      "NotebookSummary",
      "Order",
      "OrderRequest",
      "Orderbook",
      "PlacedOrder",
      "PlanDescription",
      "PlanStep",
      "Position",
      "Price",
      "Profit",
      "ProfitInput",
      "ProfitJson",
      "Progress",
      "Provenance",
      "ProvenanceSource",
      "Query",
      "QueryOptions",
      "RecordAsk",
      "RecordOf",
      "Recorder",
      "RecorderStatus",
      "Recording",
      "RecordingSummary",
      "SandboxProcess",
      "Saved",
      "SavedFile",
      "SelectionInput",
      "Series",
      "Settlement",
      "TimeInput",
      "Timestamp",
      "Trade",
      "Trading",
    ]);
  });

  it("are listed by name: no star and no default", () => {
    const text = readFileSync(new URL("../src/index.ts", import.meta.url), "utf8");
    expect(text).not.toMatch(/export \*|export default/);
  });
});
