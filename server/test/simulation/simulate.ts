/**
 * `npm run simulate -- --seed N --days D`: one seed, or with `--seeds COUNT` that many from N on, `--jobs` at a time. Prints
 * the totals and the hash of each. A seed that fails prints what is wrong and the command that repeats it, and the exit
 * code is 1.
 */
import { parseArgs } from "node:util";
import { runSeeds } from "./run-seeds.ts";
import { ORDINARY } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    days: { type: "string", default: String(ORDINARY.days) },
    subscriptions: { type: "string", default: String(ORDINARY.subscriptions) },
    payments: { type: "string", default: String(ORDINARY.payments) },
    "kill-every": { type: "string", default: String(ORDINARY.killEvery) },
    "audit-every": { type: "string", default: String(ORDINARY.auditEvery) },
    // An existing PostgreSQL whose role may create databases, instead of one for the moment.
    "database-url": { type: "string" },
    trace: { type: "boolean", default: false },
  },
});

const isWell = await runSeeds({
  from: whole("seed", 0),
  count: whole("seeds", 1),
  jobs: whole("jobs", 1),
  days: whole("days", 1),
  subscriptions: whole("subscriptions", 0),
  payments: whole("payments", 0),
  killEvery: whole("kill-every", 1),
  auditEvery: whole("audit-every", 1),
  databaseUrl: values["database-url"] ?? null,
  trace: values.trace,
});
process.exitCode = isWell ? 0 : 1;

type Count = "seed" | "seeds" | "jobs" | "days" | "subscriptions" | "payments" | "kill-every" | "audit-every";

function whole(name: Count, least: number): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} ${values[name]}: it must be a whole number, at least ${least}`);
  return value;
}
