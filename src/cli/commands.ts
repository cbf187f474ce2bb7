import type { Command } from "commander";

/** Every command by its name, loaded when it is asked for: each brings libraries of its own. */
export const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  start: async () => (await import("./start.js")).registerStart,
  sandbox: async () => (await import("./sandbox.js")).registerSandbox,
  doctor: async () => (await import("./doctor.js")).registerDoctor,
  search: async () => (await import("./search.js")).registerSearch,
  download: async () => (await import("./download.js")).registerDownload,
  record: async () => (await import("./record.js")).registerRecord,
  replay: async () => (await import("./replay.js")).registerReplay,
  export: async () => (await import("./export.js")).registerExport,
  import: async () => (await import("./import.js")).registerImport,
  pnl: async () => (await import("./pnl.js")).registerPnl,
  reconcile: async () => (await import("./reconcile.js")).registerReconcile,
  fees: async () => (await import("./fees.js")).registerFees,
  sync: async () => (await import("./sync.js")).registerSync,
  library: async () => (await import("./library-command.js")).registerLibrary,
  compact: async () => (await import("./compact.js")).registerCompact,
  verify: async () => (await import("./verify.js")).registerVerify,
  sql: async () => (await import("./sql.js")).registerSql,
  cache: async () => (await import("./cache.js")).registerCache,
  notebook: async () => (await import("./notebook.js")).registerNotebook,
  kernel: async () => (await import("./kernel.js")).registerKernel,
  completion: async () => (await import("./completion.js")).registerCompletion,
};
