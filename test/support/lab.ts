import { connect } from "../../src/lab/connect.js";
import type { ConnectOptions } from "../../src/lab/environment.js";
import type { Lab } from "../../src/lab/lab.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.js";

/** A lab connected over real sockets to a sandbox in this process. */
export interface LabAndSandbox {
  readonly lab: Lab;
  readonly sandbox: Sandbox;
  close(): Promise<void>;
}

/** Starts a sandbox and connects to it as its first account. */
export async function labAndSandbox(options: SandboxOptions = {}): Promise<LabAndSandbox> {
  const sandbox = await startSandbox(options);
  const lab = await connect(connectionTo(sandbox));
  return {
    lab,
    sandbox,
    async close() {
      await lab.close();
      await sandbox.close();
    },
  };
}

/** How to connect to a running sandbox as its first account. */
export function connectionTo({ ready }: Sandbox): ConnectOptions {
  return {
    env: "sandbox",
    restUrl: ready.rest_url,
    wsUrl: ready.ws_url,
    keyId: ready.key_id,
    privateKeyPath: ready.private_key_path,
  };
}
