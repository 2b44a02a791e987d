/**
 * `npm run crash -- --kills 50 --seed 1`: the real platform as processes under load, killed with SIGKILL part by part; then
 * the auditor, and what clients were told. Exit code 1 and the seed where anything is wrong.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createChance } from "../simulation/chance.ts";
import { reportOf } from "./report.ts";
import { run } from "./run.ts";

const HELP = `npm run crash -- [options]

  --kills COUNT      how often a part is killed: server, worker and PostgreSQL in turn   50
  --seed N           decides what is killed when, and what clients do                    1
  --every MS         from one kill to the next, on average                               5000
  --away MS          the longest that a killed part stays away                           2500
  --servers COUNT    processes with MINTRO_ROLE=api                                      1 or 2, by the seed
  --workers COUNT    processes with MINTRO_ROLE=worker                                   1 or 2, by the seed
  --pace MS          pause of each shopper between two doings, on average                120
  --folder PATH      where database and logs go                                          a temporary one
  --keep             do not remove it; it is kept anyway where something is wrong
  --help
`;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    every: { type: "string", default: "5000" },
    away: { type: "string", default: "2500" },
    servers: { type: "string" },
    workers: { type: "string" },
    pace: { type: "string", default: "120" },
    folder: { type: "string" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
// Of a run that was broken off, clients may still be asking.
else process.exit((await crash()) ? 0 : 1);

/** False: something is wrong. */
async function crash(): Promise<boolean> {
  const seed = whole("seed", values.seed, 0);
  const chance = createChance(`parts/${seed}`);
  const folder = values.folder ?? (await mkdtemp(join(tmpdir(), "mintro-kills-")));
  let isWell = false;
  try {
    const result = await run({
      seed,
      kills: whole("kills", values.kills, 0),
      everyMs: whole("every", values.every, 1),
      awayMs: whole("away", values.away, 0),
      servers: whole("servers", values.servers ?? String(1 + chance.below(2)), 1),
      workers: whole("workers", values.workers ?? String(1 + chance.below(2)), 1),
      shops: 2,
      shoppers: 3,
      publishers: 3,
      subscribers: 12,
      paceMs: whole("pace", values.pace, 1),
      folder,
      durable: true,
      takesOver: false,
      print,
    });
    print(reportOf(result));
    isWell = result.wrongs.length === 0;
  } catch (error) {
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  if (isWell) print(`seed ${seed}: all is well`);
  else print(`seed ${seed} failed. Again: npm run crash -- --kills ${values.kills} --seed ${seed}`);
  if (isWell && !values.keep && values.folder === undefined)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  else print(`database and logs: ${folder}`);
  return isWell;
}

function whole(name: string, given: string, least: number): number {
  const value = Number(given);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${given}: it must be a whole number, at least ${least}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
