import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import { cacheFolder } from "../history/cache-folder.js";
import { Cache, type ClearAsk } from "../lab/cache.js";
import { printJson, printTable, say } from "./output.js";

/** `kalshi-lab cache ls`, `cache clear`: what of closed history is kept on disk. Asks no exchange. */
export function registerCache(program: Command): void {
  const command = program.command("cache").description("look into, and clear, what is kept of closed history");
  command
    .command("ls")
    .description("list what is kept (KALSHI_CACHE_DIR)")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }) => list(json === true));
  command
    .command("clear")
    .description("remove what is kept of a market, a series or an exchange, or all of it")
    .option("--ticker <id>", "of one market")
    .option("--series <id>", "of the markets of a series, as far as kept lists tell which these are")
    .option("--exchange <name>", "of one exchange, as `cache ls` names it")
    .option("--before <time>", 'fetched before: RFC 3339, a date, or "-7d"')
    .option("--json", "print what was removed as JSON")
    .action(async ({ json, ...ask }: ClearAsk & { json?: boolean }) => {
      const cleared = await opened().clear(ask);
      if (json === true) printJson(cleared);
      else say(`${cleared.files} files removed, ${cleared.bytes.toLocaleString("en-US")} bytes`);
      if (cleared.unclear > 0) {
        say(
          `${cleared.unclear} files are left of which nothing kept tells the series; name their markets with --ticker ` +
            "(`kalshi-lab cache ls` lists them), or clear all",
        );
      }
    });
}

async function list(json: boolean): Promise<void> {
  const cache = opened();
  const table = await cache.entries();
  printTable(table, json, Math.max(1, table.numRows()));
  if (json) return;
  const bytes = (table.array("bytes") as number[]).reduce((sum, one) => sum + one, 0);
  const damaged = (table.array("damaged") as boolean[]).filter(Boolean).length;
  const trouble = damaged === 0 ? "" : `; ${damaged} damaged, not used: \`kalshi-lab cache clear\` removes them`;
  say(`${table.numRows()} files, ${bytes.toLocaleString("en-US")} bytes in ${cache.dir}${trouble}`);
}

function opened(): Cache & { readonly dir: string } {
  const dir = cacheFolder(process.env);
  if (dir !== null) return new Cache(dir) as Cache & { readonly dir: string };
  throw new KalshiError("BAD_ARGUMENT", "the cache is off", {
    hint: "unset KALSHI_CACHE",
  });
}
