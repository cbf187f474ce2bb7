import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { receiveClock } from "../../src/client/receive-clock.js";
import { startRecorder } from "../../src/recorder/record.js";
import { openRecording } from "../../src/recorder/replay.js";
import { MILLISECOND, SECOND } from "../../src/units/time.js";
import { closing } from "../support/against.js";
import { delta, snapshot } from "../support/frames.js";
import { acknowledge, type Scripted, startScripted } from "../support/scripted-socket.js";
import { until } from "../support/wait.js";

const HOUR = 3_600 * SECOND;

it.each([
  ["forward", HOUR, 0],
  ["back and forward again", -HOUR, HOUR],
])(
  "a gap begins no later than what is known to be right, where the clock was set %s on a quiet connection that died",
  async (_, first, then) => {
    const dir = mkdtempSync(join(tmpdir(), "clock-forward-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const wall = receiveClock();
    let setBy = 0;
    let connection: Scripted | null = null;
    let connections = 0;
    /** The last that is known to have come; whatever happens from here on is lost. */
    let right = Number.NEGATIVE_INFINITY;
    const server = closing(
      await startScripted({
        command: (one, command) => {
          if (command.cmd !== "subscribe") return;
          acknowledge(one, command);
          connection = one;
          connections += 1;
          // Well behind the loss, also where the machine's clock is put right by a little.
          void until(() => wall() > right + 20 * MILLISECOND, "the time after the loss").then(() =>
            one.send(snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [])),
          );
        },
      }),
    );
    const recorder = await startRecorder({
      ...{ url: server.url, signer: server.signer, tickers: ["A"], channels: ["orderbook_delta"], dir },
      ...{ now: () => wall() + setBy, silenceMs: 1_500, backoffMs: { first: 1, longest: 5 } },
    });
    onTestFinished(async () => void (await recorder.stop()));
    // The exchange's clock is right all along.
    const change = async (seq: number): Promise<void> => {
      const before = recorder.status().frames;
      connection!.send(delta({ sid: 1, seq }, "A", "yes", "0.4000", "1.00", Math.floor(wall() / MILLISECOND)));
      await until(() => recorder.status().frames > before, "the change");
    };
    const pongs = async (count: number): Promise<void> => {
      const enough = connection!.pings() + count;
      await until(() => connection!.pings() >= enough, "signs of life");
    };
    // Else what comes of the subscription would be taken for the change, and the clock be set before it.
    await until(() => recorder.status().staleBooks === 0, "the book");
    await change(2);
    setBy = first;
    if (then !== 0) {
      await change(3);
      setBy += then;
    }
    await pongs(3);
    right = wall();
    connection!.cut();
    await until(() => connections === 2 && recorder.status().staleBooks === 0, "another connection");
    await change(2);
    await recorder.stop();

    const recording = await openRecording(dir);
    const gaps = [];
    for await (const event of recording) if (event.type === "gap" && event.to === null) gaps.push(event);
    expect(gaps).toMatchObject([{ reason: "disconnect", tickers: ["A"] }]);
    expect(gaps[0]!.from).toBeLessThanOrEqual(right);
    const found = await recording.bookAt("A", right + 1);
    expect(found).toMatchObject({ trust: "unknown", reason: "disconnect" });
    expect(found.from).toBeLessThanOrEqual(right);
  },
);

it("a connection that is alive is not given up because the clock was set forward", async () => {
  const dir = mkdtempSync(join(tmpdir(), "clock-forward-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const wall = receiveClock();
  let setBy = 0;
  let connection: Scripted | null = null;
  const server = closing(
    await startScripted({
      command: (one, command) => {
        if (command.cmd !== "subscribe") return;
        acknowledge(one, command);
        connection = one;
        one.send(snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []));
      },
    }),
  );
  const recorder = await startRecorder({
    ...{ url: server.url, signer: server.signer, tickers: ["A"], channels: ["orderbook_delta"], dir },
    ...{ now: () => wall() + setBy, silenceMs: 1_500 },
  });
  onTestFinished(async () => void (await recorder.stop()));
  await until(() => recorder.status().staleBooks === 0, "the book");
  for (let times = 1; times <= 3; times += 1) {
    setBy += HOUR;
    const enough = connection!.pings() + 2;
    await until(() => connection!.pings() >= enough, "signs of life");
  }
  expect(recorder.status()).toMatchObject({ connections: 1, gaps: 0 });
});

it("a gap begins no later than what is known to be right where the recorder was killed, and its last frame, of no time, came when the clock had been set", async () => {
  const dir = mkdtempSync(join(tmpdir(), "clock-forward-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const wall = receiveClock();
  let setBy = -HOUR;
  let connection: Scripted | null = null;
  const server = closing(
    await startScripted({
      command: (one, command) => {
        if (command.cmd !== "subscribe") return;
        acknowledge(one, command);
        connection = one;
        one.send(snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []));
      },
    }),
  );
  const begin = (folder: string) =>
    startRecorder({
      ...{ url: server.url, signer: server.signer, tickers: ["A"], channels: ["orderbook_delta"] },
      ...{ dir: join(dir, folder), now: () => wall() + setBy },
    });
  const first = await begin("first");
  onTestFinished(async () => void (await first.stop()));
  await until(() => first.status().staleBooks === 0, "the book");
  connection!.send(delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", Math.floor(wall() / MILLISECOND)));
  const { frames } = first.status();
  await until(() => first.status().frames > frames, "the change");
  setBy = 0;
  connection!.send("nothing that has a time");
  await until(() => first.status().frames > frames + 1, "the last frame");
  // What kill -9 leaves at this moment; what comes from here on is lost.
  cpSync(join(dir, "first"), join(dir, "second"), { recursive: true, filter: (path) => !path.endsWith(".lock") });
  const right = wall();
  await until(() => wall() > right + 20 * MILLISECOND, "the time after the loss");
  const second = await begin("second");
  onTestFinished(async () => void (await second.stop()));
  await until(() => second.status().staleBooks === 0, "the book again");
  await second.stop();
  const recording = await openRecording(join(dir, "second"));
  const gaps = [];
  for await (const event of recording) if (event.type === "gap" && event.to === null) gaps.push(event);
  expect(gaps).toMatchObject([{ reason: "disconnect", tickers: ["A"] }]);
  expect(gaps[0]!.from).toBeLessThanOrEqual(right);
  const found = await recording.bookAt("A", right + 1);
  expect(found).toMatchObject({ trust: "unknown", reason: "disconnect", connection: 1 });
  expect(found.from).toBeLessThanOrEqual(right);
});
