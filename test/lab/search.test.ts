import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { provenance } from "../../src/frames/provenance.js";
import { find, search } from "../../src/lab/search.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { runCli } from "../support/cli.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";
import { variablesOf } from "../support/variables.js";

const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

/** An exchange with nothing but series, as many as asked for. */
async function seriesAlone(count: number): Promise<{ client: Client; server: ScriptedServer }> {
  const series = Array.from({ length: count }, (_, at) => ({
    ticker: `RAIN${String(at).padStart(3, "0")}`,
    title: "Rain somewhere",
    category: "Climate",
    frequency: "daily",
    tags: null,
    settlement_sources: [],
    contract_url: "",
    contract_terms_url: "",
    fee_type: "quadratic",
    fee_multiplier: 1,
    additional_prohibitions: [],
  }));
  const server = await scriptedServer((request, response) => {
    const list = new URL(request.url!, "http://x").pathname.split("/").at(-1)!;
    answer(response, 200, { [list]: list === "series" ? series : [], cursor: "" });
  });
  const client = new Client({ baseUrl: server.baseUrl });
  closing.push(server, client);
  return { client, server };
}

describe("search", () => {
  it("says in its provenance that it gives the best 50 of more, and that all is there otherwise", async () => {
    const { client } = await seriesAlone(61);
    const cut = await search(client, "rain");
    expect(cut.numRows()).toBe(50);
    expect(provenance(cut)).toMatchObject({
      complete: false,
      why: expect.stringMatching(/50 of 61/) as string,
      rows: 50,
    });
    const whole = await search(client, "rain000");
    expect(provenance(whole)).toMatchObject({ complete: true, why: null, rows: 1 });
    expect(provenance(whole)!.sources.map(({ endpoint, rows }) => [endpoint, rows])).toEqual([
      ["GET /series", 1],
      ["GET /events", 0],
      ["GET /markets", 0],
    ]);
  });

  it("gives as many as asked for, and the number of all", async () => {
    const { client } = await seriesAlone(61);
    const few = await find(client, "rain", { limit: 2 });
    expect([few.table.numRows(), few.total]).toEqual([2, 61]);
    const all = await find(client, "rain", { limit: 100 });
    expect([all.table.numRows(), all.total]).toEqual([61, 61]);
    expect(provenance(all.table)!.complete).toBe(true);
  });

  it("leaves combinations of markets out", async () => {
    const { client, server } = await seriesAlone(1);
    await search(client, "rain");
    const asked = server.requests.find(({ url }) => url?.includes("/markets"));
    expect(asked?.url).toMatch(/[?&]mve_filter=exclude(&|$)/);
  });

  it("tells on the command line how many of how many are shown, as many as --limit says", async () => {
    const sandbox: Sandbox = await startSandbox({ seed: "search" });
    closing.push(sandbox);
    const env = variablesOf(sandbox);
    const [most, few] = await Promise.all([
      runCli(["search", "e", "--json"], env),
      runCli(["search", "e", "--limit", "3"], env),
    ]);
    const total = /^50 of (\d+) shown/.exec(most.stderr)?.[1];
    expect(JSON.parse(most.stdout)).toHaveLength(50);
    expect(few.stderr).toMatch(new RegExp(`^3 of ${total} shown`));
    expect(few.stdout).toMatch(/3 rows/);
    const whole = await runCli(["search", "e", "--limit", total!, "--json"], env);
    expect(JSON.parse(whole.stdout)).toHaveLength(Number(total));
    expect(whole.stderr).toBe("");
  });
});
