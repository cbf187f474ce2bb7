import { columnFrom } from "../frames/convert.js";
import { tableBundle } from "../frames/display.js";
import { makeTable } from "../frames/table.js";
import { endpointOf, type Plan, type Tier } from "../history/plan.js";
import { formatTime, type Timestamp } from "../units/time.js";

/** One part of a plan in words. */
export interface PlanStep {
  readonly tier: Tier;
  readonly endpoint: string;
  /** Read from disk, where an earlier question has left it; the endpoint is where it was asked. */
  readonly cached: boolean;
  /** How many cursor chains or single requests of this kind. */
  readonly parts: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** Which endpoint serves which part of a question, and by which cutoffs; times as RFC 3339 text. */
export interface PlanDescription {
  readonly noun: string;
  readonly cutoffs: Readonly<Record<string, string>> | null;
  readonly steps: readonly PlanStep[];
}

/** A plan for people: equal parts together. */
export function describePlan(plan: Plan): PlanDescription {
  const steps = new Map<string, PlanStep>();
  for (const leg of plan.legs) {
    const [from, to] =
      leg.kind === "list"
        ? [leg.keep?.from ?? null, leg.keep?.to ?? null]
        : leg.kind === "single"
          ? [null, null]
          : [leg.from, leg.to];
    const cached = leg.kind === "cached";
    const step = { tier: leg.tier, endpoint: endpointOf(leg), cached, from: text(from), to: text(to), parts: 0 };
    const key = `${step.tier} ${step.endpoint} ${cached} ${step.from} ${step.to}`;
    steps.set(key, { ...step, parts: (steps.get(key)?.parts ?? 0) + 1 });
  }
  const cutoffs =
    plan.cutoffs === null
      ? null
      : Object.fromEntries(Object.entries(plan.cutoffs).map(([name, time]) => [name, formatTime(time as Timestamp)]));
  return shown({ noun: plan.noun, cutoffs, steps: [...steps.values()] });
}

/** The same, which shows itself in a notebook as a table of its steps. */
function shown(description: PlanDescription): PlanDescription {
  const { steps } = description;
  const column = (name: keyof PlanStep, kind: "text" | "integer" | "boolean", about: string) =>
    columnFrom(
      name,
      kind,
      about,
      steps.map((step) => step[name]),
    );
  const display = () =>
    tableBundle(
      makeTable({
        tier: column("tier", "text", "live or historical"),
        endpoint: column("endpoint", "text", "what is asked"),
        cached: column("cached", "boolean", "read from disk instead"),
        parts: column("parts", "integer", "cursor chains, or single requests"),
        from: column("from", "text", "included; null is unbounded"),
        to: column("to", "text", "not included; null is unbounded"),
      }),
    );
  return Object.defineProperty(description, Symbol.for("Jupyter.display"), { value: display });
}

function text(time: Timestamp | null): string | null {
  return time === null ? null : formatTime(time);
}
