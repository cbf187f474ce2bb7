import type { Command } from "commander";
import { connect } from "../lab/connect.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { say } from "./output.js";

const TOLERATED_MS = 5_000;

/** `kalshi-lab doctor`: tests the connection step by step; exit 0, or the cause of the failure with what to do. */
export function registerDoctor(program: Command): void {
  withConnection(program.command("doctor"))
    .description("test host, clock and key; exit 0 or the cause")
    .action(async (flags: ConnectionFlags) => {
      const lab = await connect(connectionOf(flags));
      try {
        const { client } = lab;
        await client.json({ path: "/exchange/status", access: "public" });
        say(`host     ok   ${client.baseUrl} (${lab.env})`);
        const offset = client.clockOffsetMs ?? 0;
        const clock = Math.abs(offset) > TOLERATED_MS ? "OFF " : "ok  ";
        say(`clock    ${clock} the exchange is ${(offset / 1000).toFixed(1)} s ahead of this machine`);
        if (client.signer === null) {
          say("key      none: public data only; set KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH for the rest");
          return;
        }
        await client.json({ path: "/portfolio/balance", access: "signed" });
        say(`key      ok   ${client.signer.keyType}, id ${client.signer.keyId}`);
        say(
          `limits   ok   ${client.read.size.refillRate} read tokens/s (up to ${client.read.size.capacity}), ${client.write.size.refillRate} write tokens/s`,
        );
      } finally {
        await lab.close();
      }
    });
}
