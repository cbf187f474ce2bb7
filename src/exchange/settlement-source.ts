import { maybe } from "./field.js";
import { object } from "./shape.js";

/** Who decides an outcome. @see API: 7.1 Series, `settlement_sources` */
export const settlementSource = object({
  name: maybe("text", "name", "who"),
  url: maybe("text", "url", "where it is published"),
});

export type SettlementSource = ReturnType<typeof settlementSource.parse>;
