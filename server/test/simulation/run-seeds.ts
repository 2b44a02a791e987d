/** Runs one seed or many, here or in processes beside, and says what came of each and of all. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ORDINARY, type SimulationOptions, type SimulationResult, simulate } from "./simulation.ts";
import { openDatabases, startSimulationServer } from "./simulation-server.ts";

export type RunOptions = Omit<SimulationOptions, "seed"> & {
  readonly from: number;
  readonly count: number;
  /** Processes at a time; each seed's process and its PostgreSQL wait for each other, so one takes a core. */
  readonly jobs: number;
  /** Null: a PostgreSQL for the moment. */
  readonly databaseUrl: string | null;
  readonly trace: boolean;
};

type Totals = Map<string, number>;

/** False: a seed has failed. */
export async function runSeeds(options: RunOptions): Promise<boolean> {
  const server = options.databaseUrl === null ? await startSimulationServer() : null;
  const adminUrl = options.databaseUrl ?? server?.adminUrl ?? "";
  const totals: Totals = new Map();
  const failed: number[] = [];
  const seeds = Array.from({ length: options.count }, (_, index) => options.from + index);
  try {
    if (options.jobs === 1) await runHere(options, adminUrl, seeds, totals, failed);
    else await runBeside(options, adminUrl, seeds, totals, failed);
  } finally {
    await server?.stop();
  }
  if (options.count > 1) print(`all ${show(totals)}`);
  print(`${seeds.length} seeds, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(", ")}` : ""}`);
  return failed.length === 0;
}

async function runHere(
  options: RunOptions,
  adminUrl: string,
  seeds: readonly number[],
  totals: Totals,
  failed: number[],
): Promise<void> {
  const databases = await openDatabases(adminUrl);
  const trace = options.trace ? (line: string) => process.stderr.write(`${line}\n`) : undefined;
  try {
    for (const seed of seeds) {
      const startedAt = performance.now();
      const result = await databases.withOne((url) => simulate(url, { ...options, seed }, trace));
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      const counted = new Map([["days", Math.round(result.simulatedDays)], ...Object.entries(result.totals)]);
      print(`seed ${seed} in ${seconds} s: ${result.hash} ${show(counted)}`);
      for (const [what, count] of counted) totals.set(what, (totals.get(what) ?? 0) + count);
      if (result.wrongs.length > 0) {
        failed.push(seed);
        report(options, seed, result);
      }
    }
  } finally {
    await databases.end();
  }
}

function report(options: RunOptions, seed: number, result: SimulationResult): void {
  for (const line of result.recent) print(`  ${line}`);
  for (const { invariant, seen } of result.wrongs) print(`WRONG ${invariant}: ${seen}`);
  print(`Again: npm run simulate -- --seed ${seed} ${differing(options)}`);
}

/** The options that are not what they are by default. */
function differing(options: RunOptions): string {
  const names = { days: "days", subscriptions: "subscriptions", payments: "payments" } as const;
  const further = { killEvery: "kill-every", auditEvery: "audit-every" } as const;
  return Object.entries({ ...names, ...further })
    .map(([key, name]) => [key as keyof typeof ORDINARY, name] as const)
    .filter(([key]) => key === "days" || options[key] !== ORDINARY[key])
    .map(([key, name]) => `--${name} ${options[key]}`)
    .join(" ");
}

/** Each job takes the next seed; what its process prints is passed on. */
async function runBeside(
  options: RunOptions,
  adminUrl: string,
  seeds: readonly number[],
  totals: Totals,
  failed: number[],
): Promise<void> {
  const left = seeds.slice();
  const work = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const isWell = await runOneBeside(options, adminUrl, seed, totals);
      if (!isWell) failed.push(seed);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  failed.sort((a, b) => a - b);
}

async function runOneBeside(
  { days, subscriptions, payments, killEvery, auditEvery }: RunOptions,
  adminUrl: string,
  seed: number,
  totals: Totals,
): Promise<boolean> {
  const script = fileURLToPath(new URL("simulate.ts", import.meta.url));
  const args = Object.entries({
    seed,
    days,
    subscriptions,
    payments,
    "kill-every": killEvery,
    "audit-every": auditEvery,
    "database-url": adminUrl,
  }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("1 seeds")) continue;
    print(line);
    const counted = /^seed \d+ in [\d.]+ s: [0-9a-f]+ (.*)$/.exec(line)?.[1];
    if (counted !== undefined) add(totals, counted);
  }
  return (await exited) === 0;
}

/** What `show` has printed. */
function add(totals: Totals, shown: string): void {
  for (const part of shown.split(", ")) {
    const [, count, what] = /^(\d+) (.*)$/.exec(part) ?? [];
    if (what !== undefined) totals.set(what, (totals.get(what) ?? 0) + Number(count));
  }
}

function show(totals: Totals): string {
  return [...totals].map(([what, count]) => `${count} ${what}`).join(", ");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
