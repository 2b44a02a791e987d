/**
 * `npm run simulate -- --seed N --days D`: one seed, or with `--seeds COUNT` that many from N on, `--jobs` at a time. Prints
 * the totals and the hash of each, and which kinds of faults it did not meet. A seed that fails prints what is wrong and the
 * command that repeats it, and the exit code is 1.
 */
import { help, readOptions } from "./options.ts";
import { runSeeds } from "./run-seeds.ts";

const read = readOptions(process.argv.slice(2));
switch (read.kind) {
  case "help":
    process.stdout.write(`${help()}\n`);
    break;
  case "wrong":
    process.stderr.write(`${read.why} (--help shows what there is)\n`);
    process.exitCode = 2;
    break;
  case "options":
    process.exitCode = (await runSeeds(read.options)) ? 0 : 1;
}
