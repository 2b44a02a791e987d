/**
 * `npm run simulate -- --seed N --days D`: one seed, or with `--seeds COUNT` that many from N on. Prints the totals and the
 * hash of each; a seed that fails prints the command that repeats it, and the exit code is 1.
 */
import { parseArgs } from "node:util";
import { ORDINARY, type SimulationOptions, simulate } from "./simulation.ts";
import { openDatabases, startSimulationServer } from "./simulation-server.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    days: { type: "string", default: String(ORDINARY.days) },
    subscriptions: { type: "string", default: String(ORDINARY.subscriptions) },
    payments: { type: "string", default: String(ORDINARY.payments) },
    "kill-every": { type: "string", default: String(ORDINARY.killEvery) },
    "audit-every": { type: "string", default: String(ORDINARY.auditEvery) },
    "database-url": { type: "string" },
    trace: { type: "boolean", default: false },
  },
});

const given = values["database-url"];
const server = given === undefined ? await startSimulationServer() : null;
const databases = await openDatabases(given ?? server?.adminUrl ?? "");
try {
  for (let index = 0; index < Number(values.seeds); index++) {
    const options: SimulationOptions = {
      seed: Number(values.seed) + index,
      days: Number(values.days),
      subscriptions: Number(values.subscriptions),
      payments: Number(values.payments),
      killEvery: Number(values["kill-every"]),
      auditEvery: Number(values["audit-every"]),
    };
    const startedAt = performance.now();
    const result = await databases.withOne((url) =>
      simulate(url, options, values.trace ? (line) => console.error(line) : undefined),
    );
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(JSON.stringify({ seed: options.seed, seconds, hash: result.hash, days: result.simulatedDays, ...result.totals }));
    if (result.wrongs.length > 0) {
      for (const line of result.recent) console.log(`  ${line}`);
      for (const { invariant, seen } of result.wrongs) console.log(`WRONG ${invariant}: ${seen}`);
      process.exitCode = 1;
    }
  }
} finally {
  await databases.end();
  await server?.stop();
}
