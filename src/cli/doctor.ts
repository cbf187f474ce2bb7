import type { Command } from "commander";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { examine } from "./doctor/examine.js";
import type { DoctorStep } from "./doctor/step.js";
import { printJson, say, warn } from "./output.js";

/**
 * `kalshi-lab doctor`: tests the connection step by step, each told as it is done; exit 0, or the cause of the failure with what to do.
 * Warnings do not fail. Nothing is written to the exchange, also with `--trading`.
 */
export function registerDoctor(program: Command): void {
  withConnection(program.command("doctor"))
    .description("test host, clock, key and its file, signature, rights and limits; exit 0 or the cause")
    .option("--trading", "warn of what orders would lack")
    .option("--json", "print the steps as JSON")
    .action(async (flags: ConnectionFlags & { json?: boolean; trading?: boolean }) => {
      const steps: DoctorStep[] = [];
      const tell = (step: DoctorStep): void => {
        steps.push(step);
        if (flags.json !== true) sayStep(step);
      };
      const options = { ...connectionOf(flags), trading: flags.trading === true };
      const problem = await examine(options, process.env, tell);
      if (flags.json === true) printJson({ steps });
      if (problem !== null) throw problem;
    });
}

const word = { ok: "ok", warn: "warn", none: "none", failed: "FAILED", skipped: "-" } as const;

/** What to do about a failure is said at the end, once. */
function sayStep({ step, status, found, hint }: DoctorStep): void {
  const tell = status === "ok" || status === "none" || status === "skipped" ? say : warn;
  tell(`${step.padEnd(9)} ${word[status].padEnd(7)} ${found}`);
  if (status === "warn") warn(`${" ".repeat(17)} → ${hint}`);
}
