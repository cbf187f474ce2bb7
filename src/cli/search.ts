import type { Command } from "commander";
import { connect } from "../lab/connect.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { printTable } from "./output.js";
import { stopSignal } from "./stop.js";

/** `kalshi-lab search TEXT`: series, events and markets by words. */
export function registerSearch(program: Command): void {
  withConnection(program.command("search <text...>"))
    .description("find series, events and open markets by words")
    .option("--json", "print JSON")
    .action(async (words: string[], flags: ConnectionFlags & { json?: boolean }) => {
      const signal = stopSignal();
      const lab = await connect({ ...connectionOf(flags), signal });
      try {
        printTable(await lab.search(words.join(" "), signal), flags.json === true, 50);
      } finally {
        await lab.close();
      }
    });
}
