import { milestone } from "../milestone.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object } from "../shape.js";
import { cursor } from "./answers.js";

const milestones = { list: "milestones", maxLimit: 500, key: "id" };

/** Things that take place, such as games, with the events about them. @see GET /milestones */
export const getMilestones = operation({
  id: "GetMilestones",
  method: "GET",
  path: "/milestones",
  access: "public",
  query: {
    limit: needs("integer", [1, milestones.maxLimit]),
    cursor: takes("text"),
    minimum_start_date: takes("time"),
    category: takes("text"),
    competition: takes("text"),
    source_id: takes("text"),
    type: takes("text"),
    related_event_ticker: takes("text"),
    min_updated_ts: takes("seconds"),
  },
  answer: object({ milestones: list(milestone), cursor }),
  list: milestones,
});

/** One milestone. @see GET /milestones/{milestone_id} */
export const getMilestone = operation({
  id: "GetMilestone",
  method: "GET",
  path: "/milestones/{milestone_id}",
  access: "public",
  inPath: { milestone_id: needs("text") },
  answer: object({ milestone }),
});
