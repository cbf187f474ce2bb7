import { expect } from "vitest";
import type { JupyterClient, JupyterMessage } from "../support/jupyter-client.js";
import { seeded } from "../support/seeded.js";

/** What a walk met. */
export interface KernelWalk {
  readonly requests: number;
  readonly ok: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly aborted: number;
}

interface Cell {
  readonly id: string;
  readonly name: string;
  /** Every line that it writes when nobody stops it. */
  readonly lines: readonly string[];
  readonly late: boolean;
  readonly ends: "ok" | "error" | "never";
  readonly stopOnError: boolean;
}

const endings = {
  ok: ["0", "await 0", "await new Promise((done) => setTimeout(done, 5))"],
  error: [
    "throw new RangeError('expected')",
    "await Promise.reject(new RangeError('expected'))",
    "const n: number = 'wrong'",
  ],
  never: [
    "for (;;) {}",
    "for (;;) await 0",
    "await new Promise(() => {})",
    "await new Promise((done) => setTimeout(done, 2)); for (;;) {}",
    "setTimeout(() => { for (;;) {} }, 1); await new Promise(() => {})",
  ],
};

const questions = [
  ["kernel_info_request", {}],
  ["complete_request", { code: "consol", cursor_pos: 6 }],
  ["inspect_request", { code: "parseInt", cursor_pos: 3 }],
  ["is_complete_request", { code: "f(" }],
  ["history_request", { hist_access_type: "tail", n: 3 }],
  ["comm_info_request", {}],
] as const;

/**
 * Sends a kernel bursts of cells, questions and interrupts, and holds what comes back to the protocol: every request answered once, every
 * output of its own cell, in order, between busy and idle; nothing of a cell that was not run; cells in the order in which they were sent.
 */
export async function walkKernel(kernel: JupyterClient, seed: number, bursts: number): Promise<KernelWalk> {
  const random = seeded(seed);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const cells: Cell[] = [];
  let asked = 0;
  await kernel.execute("const ran: string[] = []; 0");

  const sendCell = async (): Promise<Cell> => {
    const name = `c${seed}-${cells.length}`;
    const roll = random();
    const ends = roll < 0.55 ? "ok" : roll < 0.8 ? "error" : "never";
    const ending = pick(endings[ends]);
    const wrongType = ending.startsWith("const n");
    const count = wrongType ? 0 : below(300);
    const late = ends === "ok" && random() < 0.3;
    const stopOnError = random() < 0.5;
    const lines = Array.from({ length: count }, (_, line) => `${name} ${line}`);
    const code = `ran.push("${name}"); for (let line = 0; line < ${count}; line += 1) console.log("${name}", line);
      ${late ? `setTimeout(() => console.log("${name} late"), 3);` : ""} ${ending}`;
    const id = await kernel.send("execute_request", { code, stop_on_error: stopOnError });
    return { id, name, lines: wrongType ? [] : lines, late, ends, stopOnError };
  };

  for (let burst = 0; burst < bursts; burst += 1) {
    const sent: Cell[] = [];
    const others: string[] = [];
    for (let step = 1 + below(6); step > 0; step -= 1) {
      if (random() < 0.6) {
        sent.push(await sendCell());
        cells.push(sent.at(-1)!);
      } else {
        const [type, content] = pick(questions);
        others.push(await kernel.send(type, content, pick(["shell", "control"])));
      }
    }
    // Now and then at once, whatever runs; otherwise when what runs would never end.
    if (random() < 0.3) others.push(await kernel.send("interrupt_request", {}, pick(["shell", "control"])));
    for (const { id, ends } of sent) {
      if (ends === "never") {
        await kernel.until(
          () => isReplied(kernel, id) || kernel.published(id).some(({ type }) => type === "execute_input"),
        );
        if (!isReplied(kernel, id)) others.push(await kernel.send("interrupt_request", {}, pick(["shell", "control"])));
      }
      await kernel.finished(id);
    }
    for (const id of others) await kernel.finished(id);
    asked += others.length;
    for (const id of [...others, ...sent.map((cell) => cell.id)]) checkOnce(kernel, id);
  }
  await kernel.until(() =>
    cells.every((cell) => !cell.late || statusOf(kernel, cell) !== "ok" || kernel.stdout(cell.id).endsWith("late\n")),
  );
  const statuses = cells.map((cell) => checkCell(kernel, cell));
  await checkOrder(kernel, cells);
  const count = (status: string) => statuses.filter((one) => one === status).length;
  return {
    requests: cells.length + asked,
    ok: count("ok"),
    failed: count("error"),
    interrupted: count("interrupted"),
    aborted: count("aborted"),
  };
}

function isReplied(kernel: JupyterClient, id: string): boolean {
  return kernel.replies.some(({ parent }) => parent === id);
}

function replyTo(kernel: JupyterClient, id: string): JupyterMessage {
  return kernel.replies.find(({ parent }) => parent === id)!;
}

/** One reply; busy first, idle last, but for output that comes late. */
function checkOnce(kernel: JupyterClient, id: string): void {
  expect(kernel.replies.filter(({ parent }) => parent === id)).toHaveLength(1);
  const states = kernel.published(id).flatMap(({ content }) => content.execution_state ?? []);
  expect([states[0], states.at(-1), states.filter((state) => state === "idle").length]).toEqual(["busy", "idle", 1]);
}

function statusOf(kernel: JupyterClient, { id }: Cell): string {
  const { status, ename } = replyTo(kernel, id).content;
  return ename === "Interrupted" ? "interrupted" : String(status);
}

function checkCell(kernel: JupyterClient, cell: Cell): string {
  const status = statusOf(kernel, cell);
  const published = kernel.published(cell.id).filter(({ type }) => type !== "status");
  const stdout = kernel.stdout(cell.id);
  const all = cell.lines.map((line) => `${line}\n`).join("");
  if (status === "aborted") expect(published, cell.name).toEqual([]);
  else expect(published[0]?.type, cell.name).toBe("execute_input");
  if (status === "ok") {
    expect(cell.ends).toBe("ok");
    expect(stdout, cell.name).toBe(all + (cell.late ? `${cell.name} late\n` : ""));
  }
  if (status === "error") {
    expect(cell.ends).toBe("error");
    expect(stdout, cell.name).toBe(all);
    expect(published.at(-1), cell.name).toMatchObject({ type: "error" });
  }
  if (status === "interrupted") {
    expect(
      published.filter(({ type }) => type === "error"),
      cell.name,
    ).toHaveLength(1);
    const upTo = stdout.replace(`${cell.name} late\n`, "");
    expect(all.startsWith(upTo) || upTo === all, cell.name).toBe(true);
  }
  return status;
}

/** Inputs are announced, and cells run, in the order in which they were sent; counts go up one by one. */
async function checkOrder(kernel: JupyterClient, cells: readonly Cell[]): Promise<void> {
  const { outputs } = await kernel.execute("ran.join(' ')");
  const { data } = outputs.at(-1)!.content as { data: Record<string, string> };
  const ran = String(data["text/plain"]).replaceAll("'", "").split(" ");
  const names = cells.map(({ name }) => name);
  expect(ran.filter((name) => name !== "")).toEqual(names.filter((name) => ran.includes(name)));
  const run = cells.filter((cell) => statusOf(kernel, cell) === "ok");
  expect(run.filter(({ name }) => !ran.includes(name))).toEqual([]);
  const inputs = cells.flatMap(({ id }) => kernel.published(id).filter(({ type }) => type === "execute_input"));
  const counts = inputs.map(({ content }) => Number(content.execution_count));
  expect(counts).toEqual(counts.map((_, at) => counts[0]! + at));
}
