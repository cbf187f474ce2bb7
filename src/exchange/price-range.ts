import { always } from "./field.js";
import { object } from "./shape.js";

/** One band of a market's price grid: valid are `start` and every `step` after it below `end`. @see API: 14.3 Price grid */
export const priceRange = object({
  start: always("dollars", "start", "lowest price of the band, $"),
  end: always("dollars", "end", "where the next band starts, $"),
  step: always("dollars", "step", "smallest difference of two prices, $"),
});

export type PriceRange = ReturnType<typeof priceRange.parse>;
