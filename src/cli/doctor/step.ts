import { type ErrorCode, KalshiError } from "../../errors.js";

/** One thing that was tested. */
export interface DoctorStep {
  readonly step: "host" | "clock" | "key" | "file" | "signature" | "scopes" | "region" | "limits";
  /** `warn`: works, but not for long or not for everything. `none`: there is no key. `skipped`: could not be tried, for want of one before. */
  readonly status: "ok" | "warn" | "failed" | "none" | "skipped";
  readonly found: string;
  /** What to do about a warning or a failure; null otherwise. */
  readonly hint: string | null;
  /** Why it failed; null otherwise. */
  readonly error: { readonly code: ErrorCode; readonly hint: string } | null;
}

export type Tell = (step: DoctorStep) => void;

/** What a step found: good, or with a `hint` good with a warning. */
export interface Found {
  readonly found: string;
  readonly hint?: string | undefined;
}

/** Tells the steps of one examination, and keeps what failed. */
export class Steps {
  readonly #tell: Tell;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  found(step: DoctorStep["step"], { found, hint }: Found): void {
    this.#tell({ step, status: hint === undefined ? "ok" : "warn", found, hint: hint ?? null, error: null });
  }

  failed(step: DoctorStep["step"], error: KalshiError, found = error.message): KalshiError {
    const { code, hint } = error;
    this.#tell({ step, status: "failed", found, hint, error: { code, hint } });
    return error;
  }

  skipped(found: string, ...steps: readonly DoctorStep["step"][]): void {
    for (const step of steps) this.#tell({ step, status: "skipped", found, hint: null, error: null });
  }

  none(step: DoctorStep["step"], found: string): void {
    this.#tell({ step, status: "none", found, hint: null, error: null });
  }

  /** Does a step and tells how it went. A wrong argument is no finding: it is thrown on. */
  async check<T>(
    step: DoctorStep["step"],
    work: () => Promise<Found & { readonly value: T }>,
  ): Promise<{ readonly value: T | null; readonly error: KalshiError | null }> {
    try {
      const { value, ...found } = await work();
      this.found(step, found);
      return { value, error: null };
    } catch (error) {
      return { value: null, error: this.failed(step, finding(error)) };
    }
  }
}

/** A failure that is something found out. @throws whatever else it is */
export function finding(error: unknown): KalshiError {
  if (error instanceof KalshiError && error.code !== "BAD_ARGUMENT" && error.code !== "INTERRUPTED") return error;
  throw error;
}
