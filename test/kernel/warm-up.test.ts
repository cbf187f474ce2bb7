import { describe, expect, it } from "vitest";
import { JupyterClient } from "../support/jupyter-client.js";

const both =
  'import { openRecording } from "kalshi-lab"; import { table } from "arquero"; [typeof openRecording, typeof table]';

describe("what is imported while nobody waits", () => {
  it("is there for a cell that comes later, and for one that comes at once", async () => {
    for (const first of ["1 + 1", both]) {
      const kernel = await JupyterClient.start();
      expect((await kernel.execute(first)).reply).toMatchObject({ status: "ok" });
      expect((await kernel.execute(both)).outputs.at(-1)?.content.data).toMatchObject({
        "text/plain": "[ 'function', 'function' ]",
      });
      await kernel.close();
    }
  });

  it("is not ended with what a cell has left running in the background: the library can be imported after it", async () => {
    const kernel = await JupyterClient.start();
    await kernel.execute("setTimeout(() => { while (true) {} }, 5); 1");
    const blocked = await kernel.send("execute_request", { code: "console.log(1)" });
    // Longer than a cell waits for an import of the kernel's own, which would stand behind the loop.
    await new Promise((resolve) => setTimeout(resolve, 2_300));
    await kernel.ask("interrupt_request", {}, "control");
    await kernel.finished(blocked);
    expect((await kernel.execute(both)).reply).toMatchObject({ status: "ok" });
    await kernel.close();
  });
});
