// Loaded before a program (`--import`): kills it, by SIGKILL, right before its n-th change of a file or folder below `KILL_UNDER` (`KILL_AT` = n, from 1 on).
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { KILL_AT, KILL_UNDER } = process.env;
let seen = 0;

function count(paths) {
  if (!paths.some((path) => typeof path === "string" && path.startsWith(KILL_UNDER))) return;
  seen += 1;
  if (seen === Number(KILL_AT)) process.kill(process.pid, "SIGKILL");
}

const names = ["rename", "rm", "rmdir", "mkdir", "writeFile", "link"];
for (const [owner, suffix] of [
  [fs, ""],
  [fs, "Sync"],
  [fs.promises, ""],
]) {
  for (const name of names) {
    const real = owner[name + suffix];
    owner[name + suffix] = function counted(...given) {
      count(given.slice(0, 2));
      return real.apply(this, given);
    };
  }
}
syncBuiltinESMExports();
