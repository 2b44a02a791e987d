/** Runs one seed or many, here or in processes beside, and says what came of each and of all. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { argumentsFor, type Options, unusual } from "./options.ts";
import { type SimulationResult, simulate } from "./simulation.ts";
import { openDatabases, startSimulationServer } from "./simulation-server.ts";

/** What came of several seeds. */
type Sum = {
  readonly totals: Map<string, number>;
  /** By kind of fault: the seeds that did not meet it. */
  readonly missing: Map<string, number[]>;
  /** Seeds that met every kind of fault. */
  full: number;
  /** The smallest counts of a seed. */
  readonly least: Map<string, number>;
  readonly failed: number[];
};

/** False: a seed has failed. */
export async function runSeeds(options: Options): Promise<boolean> {
  const given = options["database-url"];
  const server = given === null ? await startSimulationServer() : null;
  const adminUrl = given ?? server?.adminUrl ?? "";
  const sum: Sum = { totals: new Map(), missing: new Map(), full: 0, least: new Map(), failed: [] };
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.seed + index);
  try {
    if (options.jobs === 1) await runHere(options, adminUrl, seeds, sum);
    else await runBeside(options, adminUrl, seeds, sum);
  } finally {
    await server?.stop();
  }
  const { totals, missing, full, least, failed } = sum;
  if (seeds.length > 1) {
    print(`all ${show(totals)}`);
    print(`each at least ${show(least)}`);
    print(`${full} of ${seeds.length} seeds met every kind of fault`);
    for (const [kind, without] of missing)
      print(`  ${kind}: not in ${without.sort((a, b) => a - b).join(", ")}`);
  }
  print(`${seeds.length} seeds, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(", ")}` : ""}`);
  return failed.length === 0;
}

async function runHere(
  options: Options,
  adminUrl: string,
  seeds: readonly number[],
  sum: Sum,
): Promise<void> {
  const databases = await openDatabases(adminUrl);
  const trace = options.trace ? (line: string) => process.stderr.write(`${line}\n`) : undefined;
  const { days, subscriptions, payments } = options;
  const each = {
    days,
    subscriptions,
    payments,
    killEvery: options["kill-every"],
    auditEvery: options["audit-every"],
  };
  try {
    for (const seed of seeds) {
      const startedAt = performance.now();
      const result = await databases.withOne((url) => simulate(url, { ...each, seed }, trace));
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      const counted = new Map([["days", Math.round(result.simulatedDays)], ...Object.entries(result.totals)]);
      print(`seed ${seed} in ${seconds} s: ${result.hash} ${show(counted)}`);
      print(
        `seed ${seed} met ${result.missing.length > 0 ? `no ${result.missing.join(", no ")}` : EVERY_KIND}`,
      );
      add(sum, seed, counted, result.missing);
      if (result.wrongs.length > 0) {
        sum.failed.push(seed);
        report(options, seed, result);
      }
    }
  } finally {
    await databases.end();
  }
}

const LEAST = ["days", "subscriptions", "intents paid", "renewals that succeeded", "refunds"];

const EVERY_KIND = "every kind of fault";

function add(sum: Sum, seed: number, counted: ReadonlyMap<string, number>, missing: readonly string[]): void {
  for (const [what, count] of counted) sum.totals.set(what, (sum.totals.get(what) ?? 0) + count);
  for (const kind of missing) sum.missing.set(kind, [...(sum.missing.get(kind) ?? []), seed]);
  if (missing.length === 0) sum.full++;
  for (const what of LEAST) {
    const count = counted.get(what) ?? 0;
    sum.least.set(what, Math.min(count, sum.least.get(what) ?? count));
  }
}

function report(options: Options, seed: number, result: SimulationResult): void {
  for (const line of result.recent) print(`  ${line}`);
  for (const { invariant, seen } of result.wrongs) print(`WRONG ${invariant}: ${seen}`);
  const again = unusual(options, ["subscriptions", "payments", "kill-every", "audit-every"]);
  print(`Again: npm run simulate -- ${argumentsFor({ seed, days: options.days, ...again }).join(" ")}`);
}

/** Each job takes the next seed; what its process prints is passed on. */
async function runBeside(
  options: Options,
  adminUrl: string,
  seeds: readonly number[],
  sum: Sum,
): Promise<void> {
  const left = seeds.slice();
  const work = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const isWell = await runOneBeside(options, adminUrl, seed, sum);
      if (!isWell) sum.failed.push(seed);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  sum.failed.sort((a, b) => a - b);
}

async function runOneBeside(options: Options, adminUrl: string, seed: number, sum: Sum): Promise<boolean> {
  const script = fileURLToPath(new URL("simulate.ts", import.meta.url));
  const args = argumentsFor({ ...options, seed, seeds: 1, jobs: 1, "database-url": adminUrl });
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  let counted = new Map<string, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("1 seeds")) continue;
    print(line);
    const totals = /^seed \d+ in [\d.]+ s: [0-9a-f]+ (.*)$/.exec(line)?.[1];
    if (totals !== undefined) counted = readTotals(totals);
    const met = /^seed \d+ met (.*)$/.exec(line)?.[1];
    if (met !== undefined)
      add(sum, seed, counted, met === EVERY_KIND ? [] : met.slice("no ".length).split(", no "));
  }
  return (await exited) === 0;
}

/** What `show` has printed. */
function readTotals(shown: string): Map<string, number> {
  return new Map(
    shown.split(", ").flatMap((part): [string, number][] => {
      const [, count, what] = /^(\d+) (.*)$/.exec(part) ?? [];
      return what === undefined ? [] : [[what, Number(count)]];
    }),
  );
}

function show(totals: ReadonlyMap<string, number>): string {
  return [...totals].map(([what, count]) => `${count} ${what}`).join(", ");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
