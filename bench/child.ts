import { type ChildProcess, fork } from "node:child_process";

/** A process of a benchmark that answers questions, one at a time. */
export interface Child {
  ask<Answer>(question: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts a script of this folder in a process of its own and waits for its first word. */
export async function startChild<Ready>(
  script: string,
  argument: unknown = null,
): Promise<{ child: Child; ready: Ready }> {
  const process = fork(new URL(script, import.meta.url), [JSON.stringify(argument)], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ready = await next<Ready>(process);
  return {
    ready,
    child: {
      ask(question) {
        const answer = next<never>(process);
        process.send(question as object);
        return answer;
      },
      async close() {
        if (process.exitCode !== null) return;
        const ended = new Promise((resolve) => process.once("exit", resolve));
        process.disconnect();
        await ended;
      },
    },
  };
}

function next<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as Message);
    });
  });
}

/** In the child: the argument it was started with. */
export function argument<Argument>(): Argument {
  return JSON.parse(process.argv[2] ?? "null") as Argument;
}

/** In the child: says that it is ready, and answers every question from then on. Ends with its parent. */
export function serve(ready: unknown, answer: (question: string) => unknown): void {
  process.on("message", (question) => {
    void Promise.resolve(answer(String(question))).then((found) => process.send?.(found ?? null));
  });
  process.once("disconnect", () => process.exit());
  process.send?.(ready ?? null);
}
