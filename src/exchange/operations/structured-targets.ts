import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object, optional } from "../shape.js";
import { structuredTarget } from "../structured-target.js";
import { cursor } from "./answers.js";

const targets = { list: "structured_targets", maxLimit: 2000, key: "id", sizeIn: "page_size" };

/** Teams, players and the like that strikes can name. @see GET /structured_targets */
export const getStructuredTargets = operation({
  id: "GetStructuredTargets",
  method: "GET",
  path: "/structured_targets",
  access: "public",
  query: {
    ids: takes("repeated", [1, 2000]),
    type: takes("text"),
    competition: takes("text"),
    page_size: takes("integer", [1, targets.maxLimit]),
    cursor: takes("text"),
  },
  answer: object({ structured_targets: optional(list(structuredTarget)), cursor }),
  list: targets,
});

/** One structured target. @see GET /structured_targets/{structured_target_id} */
export const getStructuredTarget = operation({
  id: "GetStructuredTarget",
  method: "GET",
  path: "/structured_targets/{structured_target_id}",
  access: "public",
  inPath: { structured_target_id: needs("text") },
  answer: object({ structured_target: optional(structuredTarget) }),
});
