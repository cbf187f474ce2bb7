import { afterEach, describe, expect, it } from "vitest";
import { channelNames } from "../../../src/sandbox/socket/channel.js";
import { Random } from "../../../src/sandbox/world/random.js";
import { frameComplaints, messageSchemas, whyNoFrames } from "../../support/asyncapi.js";
import { randomCommand, randomEvent, randomOrder } from "../../support/random-socket.js";
import type { Client, Frame } from "../../support/socket.js";
import { type Stage, socketStage } from "../../support/socket-stage.js";
import { MEMBER, OTHER } from "../../support/tiny-world.js";

const STEPS = 600;

/** What the specification says and the wire does not, with the reason. */
const exceptions: readonly { readonly reason: string; excuses(frame: Frame, complaint: string): boolean }[] = [
  {
    reason: 'the market_id of an unknown ticker is "", no uuid (API.md 13.6; samples.json, "unknown ticker")',
    excuses: ({ msg }, complaint) => msg?.market_id === "" && complaint.startsWith("/msg/market_id must match format"),
  },
];

let stage: Stage | undefined;
afterEach(() => stage?.close());

describe.skipIf(whyNoFrames !== null)(`a walk over the socket (${whyNoFrames ?? "by asyncapi.yaml"})`, () => {
  it.each(["one", "two", "three"])(
    "meets every message type, each in its specified shape: %s",
    async (seed) => {
      const clients = await walk(new Random(`walk/${seed}`));
      const answers = messageSchemas("root");
      const schemas = new Map([...answers, ...channelNames.flatMap((name) => [...messageSchemas(name)])]);
      const frames = clients.flatMap(({ frames }) => frames);
      const wrong = frames.flatMap((frame) => complaints(frame, schemas.get(frame.type)));
      expect(wrong).toEqual([]);
      const missing = [...schemas.keys()].filter((type) => !frames.some((frame) => frame.type === type));
      expect(missing).toEqual([]);
      expect(frames.some(({ type, msg }) => type === "ok" && Array.isArray(msg))).toBe(true);
      for (const exception of exceptions) {
        expect(frames.some((frame) => excused(exception, frame, schemas.get(frame.type)))).toBe(true);
      }
      for (const client of clients) checkNumbers(client.frames);
    },
    60_000,
  );
});

/** Two members say, trade and hear whatever chance has them, while the markets move, and one of them closes. */
async function walk(random: Random): Promise<readonly Client[]> {
  stage = await socketStage();
  const clients = [await stage.connect(MEMBER), await stage.connect(OTHER)];
  for (let n = 1; n <= STEPS; n += 1) {
    const client = random.pick(clients);
    const draw = random.next();
    if (draw < 0.35) client.send(randomCommand(random, n));
    else if (draw < 0.6) randomOrder(random, stage);
    else if (draw < 0.85) stage.emit(randomEvent(random));
    else stage.steps(random.integer(1, 10));
    if (n % 20 === 0) for (const each of clients) await each.settled();
  }
  for (const [id, client] of clients.entries()) client.send({ id: id + STEPS + 1, cmd: "list_subscriptions" });
  await Promise.all(clients.map((client, id) => client.find((frame) => frame.id === id + STEPS + 1)));
  return clients;
}

function complaints(frame: Frame, schema: string | undefined): readonly unknown[] {
  if (schema === undefined) return [{ frame, complaint: "no channel that is served has this type" }];
  return raw(frame, schema)
    .filter((complaint) => !exceptions.some((exception) => exception.excuses(frame, complaint)))
    .map((complaint) => ({ frame, complaint }));
}

function excused(exception: (typeof exceptions)[number], frame: Frame, schema = ""): boolean {
  return raw(frame, schema).some((complaint) => exception.excuses(frame, complaint));
}

function raw(frame: Frame, schema: string): readonly string[] {
  // Two answers share a type; which one it is, its content shows.
  if (frame.type !== "ok") return frameComplaints(schema, frame);
  return frameComplaints(Array.isArray(frame.msg) ? "listSubscriptionsResponsePayload" : "okResponsePayload", frame);
}

/** Subscriptions count from one and none comes again; the numbers of each have no hole, answers included. */
function checkNumbers(frames: readonly Frame[]): void {
  const opened = frames.filter(({ type }) => type === "subscribed").map(({ msg }) => msg.sid);
  expect(opened).toEqual(opened.map((_, n) => n + 1));
  for (const sid of opened) {
    const numbers = frames.filter((frame) => frame.sid === sid && frame.seq !== undefined).map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, n) => n + 1));
  }
}
