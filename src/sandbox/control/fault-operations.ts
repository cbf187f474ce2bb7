import type { FaultPlan } from "../faults/fault-plan.js";
import type { Json } from "../types.js";

/** What the control port does with faults; undefined for what is no such operation, or concerns a rule that there is not. */
export function faultOperation(
  faults: FaultPlan,
  method: string,
  path: string,
  query: URLSearchParams,
  sent: string,
): Json | undefined {
  switch (`${method} ${path}`) {
    case "GET /faults":
      return { faults: faults.list() };
    case "POST /faults":
      faults.replace(JSON.parse(sent));
      return { faults: faults.describe() };
    case "DELETE /faults":
      faults.replace({ rules: [] });
      return {};
    case "GET /faults/log":
      return faults.log.describe(numberOf(query.get("limit")));
    case "POST /faults/rules":
      return { id: faults.add(JSON.parse(sent)) };
    default:
      return ruleOperation(faults, method, path);
  }
}

function ruleOperation(faults: FaultPlan, method: string, path: string): Json | undefined {
  const [, number, word] = /^\/faults\/rules\/(\d{1,9})(?:\/(on|off))?$/.exec(path) ?? [];
  if (number === undefined) return undefined;
  const id = Number(number);
  if (method === "POST" && word !== undefined) return faults.switch(id, word === "on") ? {} : undefined;
  if (method === "DELETE" && word === undefined) return faults.remove(id) ? {} : undefined;
  return undefined;
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
