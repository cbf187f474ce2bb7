import { maybe } from "../field.js";
import { incentiveProgramFields } from "../incentive-program.js";
import { operation } from "../operation.js";
import { takes } from "../parameter.js";
import { list, object, record } from "../shape.js";

const programs = { list: "incentive_programs", maxLimit: 10_000, key: "id", cursorIn: "next_cursor" };

/** Money for quoting or trading certain markets. @see GET /incentive_programs */
export const getIncentivePrograms = operation({
  id: "GetIncentivePrograms",
  method: "GET",
  path: "/incentive_programs",
  access: "public",
  query: {
    status: takes("text"),
    type: takes("text"),
    incentive_description: takes("text"),
    limit: takes("integer", [1, programs.maxLimit]),
    cursor: takes("text"),
  },
  answer: object({
    incentive_programs: list(record("incentive program", incentiveProgramFields)),
    next_cursor: maybe("text", "next_cursor", "next page, to be given as `cursor`; empty after the last"),
  }),
  list: programs,
});
