import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { provenance } from "../../src/frames/provenance.js";
import { find, search } from "../../src/lab/search.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { against } from "../support/against.js";
import { runCli } from "../support/cli.js";
import { expectRejection } from "../support/errors.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";
import { beginningOf, wireSeries } from "../support/series.js";
import { variablesOf } from "../support/variables.js";

const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

/** An exchange with nothing but series, as many as asked for. */
async function seriesAlone(count: number): Promise<{ client: Client; server: ScriptedServer }> {
  const series = Array.from({ length: count }, (_, at) => wireSeries(`RAIN${String(at).padStart(3, "0")}`));
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

  it("considers each series while the catalogue still arrives, and once where that breaks off and is asked for again", async () => {
    const { client, server } = await against((request, response) => {
      const list = new URL(request.url!, "http://x").pathname.split("/").at(-1)!;
      if (list !== "series") return answer(response, 200, { [list]: [], cursor: "" });
      const asked = server.requests.filter(({ url }) => url === request.url).length;
      // What is in the answer that broke off alone was seen before that ended, or never.
      if (asked === 1) response.writeHead(200).write(beginningOf("RAIN1", "RAIN2"), () => request.socket.destroy());
      else answer(response, 200, { series: ["RAIN2", "RAIN3"].map((ticker) => wireSeries(ticker)) });
    });
    const found = await search(client, "rain");
    expect([...found.array("ticker")]).toEqual(["RAIN1", "RAIN2", "RAIN3"]);
    expect(client.usage).toMatchObject({ requests: 4, retries: 1, failed: 1 });
  });

  it("says that the catalogue is not whole where it breaks off each time", async () => {
    const { client } = await against((request, response) => {
      response.writeHead(200).write(beginningOf("RAIN1"), () => request.socket.destroy());
    });
    const error = await expectRejection(search(client, "rain"), "UNREACHABLE", /ask for the whole list again/);
    expect(error.context).toMatchObject({ path: "/series", items: 1 });
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
