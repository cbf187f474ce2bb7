import { enableCompileCache, flushCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import { answerTo, type Call } from "./compiler-calls.js";

/** Entry of the compiler's thread: answers calls in order, from the moment TypeScript is loaded. */
enableCompileCache();
const { createCompiler } = await import("./compile.js");
const compiler = createCompiler();

parentPort!.on("message", (call: Call) => parentPort!.postMessage(answerTo(compiler, call)));
flushCompileCache();
