import { eventPositionFields } from "../event-position.js";
import { maybe } from "../field.js";
import { fillFields } from "../fill.js";
import { positionFields } from "../position.js";
import { list, object, record } from "../shape.js";

const cursor = maybe("text", "cursor", "next page, empty after the last");

/** Answer of a page of fills. */
export const fillsAnswer = object({ fills: list(record("fill", fillFields)), cursor });

/** Answer of a page of positions: of markets, and of the events that they belong to. */
export const positionsAnswer = object({
  market_positions: list(record("position", positionFields)),
  event_positions: list(record("event position", eventPositionFields)),
  cursor,
});
