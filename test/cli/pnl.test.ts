import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-pnl-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const fill = {
  fill_id: "00000000-0000-4000-8000-000000000001",
  order_id: "00000000-0000-4000-8000-000000000002",
  trade_id: "00000000-0000-4000-8000-000000000003",
  ticker: "SANDBOX-26OCT01-A",
  side: "yes",
  action: "buy",
  count_fp: "10.00",
  yes_price_dollars: "0.5600",
  no_price_dollars: "0.4400",
  fee_cost: "0.1800",
  is_taker: true,
  created_time: "2026-10-01T11:00:00Z",
};

/** Of a market that the fills know nothing of. */
const settlement = {
  settled_time: "2026-10-01T12:00:00Z",
  ticker: "SANDBOX-26OCT01-B",
  market_result: "yes",
  yes_count_fp: "3.00",
  yes_total_cost_dollars: "1.500000",
  no_count_fp: "0.00",
  no_total_cost_dollars: "0.000000",
  revenue: 300,
  value: 100,
  fee_cost: "0.010000",
};

describe("kalshi-lab pnl", () => {
  it.each([
    ["with --json, whose shape has no room for it", ["--json"]],
    ["without", []],
  ])("tells on stderr which positions have no mark and what was doubtful: %s", async (_, flags) => {
    const [fills, settlements] = [join(dir, "fills.ndjson"), join(dir, "settlements.ndjson")];
    writeFileSync(fills, `${JSON.stringify(fill)}\n`);
    writeFileSync(settlements, `${JSON.stringify(settlement)}\n`);
    const { code, stdout, stderr } = await runCli(["pnl", "--fills", fills, "--settlements", settlements, ...flags]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/without a mark.*SANDBOX-26OCT01-A/);
    expect(stderr).toMatch(/^note: SANDBOX-26OCT01-B: the exchange settled a position of 3.00/m);
    if (flags.length === 0) return;
    const profit = JSON.parse(stdout) as { markets: readonly object[]; total: object };
    expect(Object.keys(profit)).toEqual(["markets", "total"]);
    expect(Object.keys(profit.markets[0]!)).toEqual(["ticker", "position", "realized", "unrealized", "fees", "net"]);
  });
});
