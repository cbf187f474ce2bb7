import { Packer } from "../../src/recorder/packer.js";

/** Packs the segments of a folder below a number, to be killed: `DIR BELOW`. Prints a line before it begins and after each segment. */
const [dir, below] = process.argv.slice(2) as [string, string];

const packer = new Packer({ dir, compress: true, isStopped: () => false, blockBytes: 20_000 });
process.stdout.write("begin\n");
for await (const { segment } of packer.pack(Number(below))) process.stdout.write(`${segment}\n`);
