import { describe, expect, it } from "vitest";
import { provenance } from "../../src/frames/provenance.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { closing, serving } from "../support/against.js";
import { expectRejection } from "../support/errors.js";
import { answer, type Scripted } from "../support/scripted-http.js";
import { beginningOf, wireSeries } from "../support/series.js";

async function labOf(script: Scripted): Promise<Lab> {
  const server = await serving(script);
  const wsUrl = "ws://127.0.0.1:9";
  return closing(await connect({ env: "production", restUrl: server.baseUrl, wsUrl, cache: false }));
}

describe("all series", () => {
  it("are a whole table also when the catalogue breaks off in the middle and is asked for again", async () => {
    const lab = await labOf((request, response, count) => {
      if (count === 1) response.writeHead(200).write(beginningOf("RAIN1", "RAIN2"), () => request.socket.destroy());
      else answer(response, 200, { series: ["RAIN1", "RAIN2", "RAIN3"].map((ticker) => wireSeries(ticker)) });
    });
    const table = await lab.series();
    expect(table.array("ticker")).toEqual(["RAIN1", "RAIN2", "RAIN3"]);
    expect(provenance(table)).toMatchObject({ complete: true, rows: 3 });
    expect(lab.client.usage).toMatchObject({ requests: 2, failed: 1 });
  });

  it("come as pages while the catalogue still arrives", async () => {
    let ended = false;
    const stop = new AbortController();
    const lab = await labOf((_, response) => {
      response.on("close", () => (ended = true));
      response.writeHead(200).write(beginningOf("RAIN1", "RAIN2"));
    });
    const read: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const page of lab.series({ signal: stop.signal }).pages()) {
        read.push(...page.map(({ ticker }) => ticker));
        expect(ended).toBe(false);
        stop.abort();
      }
    };
    await expectRejection(reading(), "INTERRUPTED", /run it again/);
    expect(read).toEqual(["RAIN1", "RAIN2"]);
  });
});
