import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { say } from "./output.js";
import { stopSignal } from "./stop.js";
import { dollars, type TourSummary, tour } from "./tour/tour.js";

interface Flags {
  readonly data?: string;
  readonly cutoff?: string;
  readonly port?: string;
  readonly seed?: string;
  readonly out: string;
}

/** `npm start`: the main job from end to end on the sandbox, into `out/`. */
export function registerStart(program: Command): void {
  program
    .command("start")
    .description("the main job on the sandbox: history, live recording, fills, notebooks, charts and files into out/")
    .option("--data <dir>", "serve a folder of real records")
    .option("--cutoff <iso>", "boundary between live and historical tier, with --data")
    .option("--port <n>", "port of the sandbox (default any free one)")
    .option("--seed <text>", "what the generated world is made from")
    .option("--out <dir>", "where everything goes", "out")
    .action(async (flags: Flags) => {
      const named = (["cutoff", "port", "seed"] as const).flatMap((name) =>
        flags[name] === undefined ? [] : [`--${name}`, flags[name]],
      );
      report(await tour({ data: flags.data, sandbox: named, out: flags.out, signal: stopSignal() }));
    });
}

function report(summary: TourSummary): void {
  const { profit } = summary;
  const lists = [
    ...summary.files.map(({ path, about }) => [path, about] as const),
    ...summary.notebooks.map(({ file, charts }) => [file, `${charts} charts`] as const),
  ];
  const width = Math.max(...lists.map(([path]) => path.length));
  say("");
  say(`rows      ${summary.rows.toLocaleString("en-US")}`);
  say(`gaps      ${summary.gaps}`);
  say(
    `profit    ${dollars(profit.net)} net of ${dollars(profit.fees)} fees, ${profit.fills.toLocaleString("en-US")} fills`,
  );
  say(`charts    ${summary.charts} in ${summary.notebooks.length} notebooks`);
  for (const [path, about] of lists) say(`  ${path.padEnd(width)}  ${about}`);
  say("");
  say(`open      ${pathToFileURL(resolve(summary.page)).href}   (${summary.seconds.toFixed(0)} s)`);
}
