import type { StrikePlan } from "../plan.js";
import type { GridLabel } from "../price-structures.js";

/** How a value is written and how fine it is observed: a bracket of whole degrees ends half a degree above its cap. */
export interface Scale {
  readonly step: number;
  readonly decimals: number;
  readonly show: (value: string) => string;
}

/** YES below `cap`. */
export function below(cap: number, scale: Scale, grid: GridLabel): StrikePlan {
  return {
    suffix: `T${text(cap, scale)}`,
    label: `${scale.show(text(cap - scale.step, scale))} or below`,
    low: Number.NEGATIVE_INFINITY,
    high: cap - scale.step / 2,
    wire: { cap_strike: number(cap, scale), strike_type: "less" },
    grid,
  };
}

/** YES from `floor` to `cap`, both included. */
export function within(floor: number, cap: number, scale: Scale, grid: GridLabel): StrikePlan {
  const middle = Number(((floor + cap) / 2).toFixed(scale.decimals + 1));
  return {
    suffix: `B${middle}`,
    label: `${scale.show(text(floor, scale))} to ${scale.show(text(cap, scale))}`,
    low: floor - scale.step / 2,
    high: cap + scale.step / 2,
    wire: { cap_strike: number(cap, scale), floor_strike: number(floor, scale), strike_type: "between" },
    grid,
  };
}

/** YES above `floor`. */
export function above(floor: number, scale: Scale, grid: GridLabel): StrikePlan {
  return {
    suffix: `T${text(floor, scale)}`,
    label: `${scale.show(text(floor + scale.step, scale))} or above`,
    low: floor + scale.step / 2,
    high: Number.POSITIVE_INFINITY,
    wire: { floor_strike: number(floor, scale), strike_type: "greater" },
    grid,
  };
}

/** YES from `floor` on. */
export function atLeast(floor: number, scale: Scale, grid: GridLabel): StrikePlan {
  return {
    suffix: `T${text(floor, scale)}`,
    label: `${scale.show(text(floor, scale))} or above`,
    low: floor - scale.step / 2,
    high: Number.POSITIVE_INFINITY,
    wire: { floor_strike: number(floor, scale), strike_type: "greater_or_equal" },
    grid,
  };
}

/** The nearest value that can be observed. */
export function observable(value: number, scale: Scale): number {
  return number(Math.round(value / scale.step) * scale.step, scale);
}

function text(value: number, scale: Scale): string {
  return value.toFixed(scale.decimals);
}

function number(value: number, scale: Scale): number {
  return Number(value.toFixed(scale.decimals));
}
