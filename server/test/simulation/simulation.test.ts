import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { REGRESSION_SEEDS } from "./regression-seeds.ts";
import { ORDINARY, type SimulationOptions, type SimulationResult, simulate } from "./simulation.ts";
import { openDatabases, type SimulationDatabases } from "./simulation-server.ts";

describe("the simulation", () => {
  const { adminUrl } = inject("testDatabases");
  let databases: SimulationDatabases;
  beforeAll(async () => {
    databases = await openDatabases(adminUrl);
  });
  afterAll(() => databases.end());

  const run = (options: Partial<SimulationOptions> & { seed: number }): Promise<SimulationResult> =>
    databases.withOne((url) => simulate(url, { ...ORDINARY, ...options }));

  it.each(REGRESSION_SEEDS)(
    "finds nothing wrong in $days days of seed $seed",
    async ({ seed, days, subscriptions, payments }) => {
      const options = { seed, days, subscriptions, payments, killEvery: 1_000 };
      const result = await run(options);
      expect(result.wrongs, `npm run simulate -- --seed ${options.seed} --days ${options.days}`).toEqual([]);
      // The simulation must have done something: in a few days nothing renews yet.
      const done = days >= 12 ? "renewals that succeeded" : "charges that succeeded";
      expect(result.totals[done]).toBeGreaterThan(10);
      expect(result.totals["processes killed"]).toBeGreaterThan(2);
    },
    60_000,
  );

  it("gives the same run for the same seed, bit for bit, and another for another", async () => {
    const options = { days: 4, subscriptions: 8, payments: 20, killEvery: 800 };
    const first = await run({ seed: 4, ...options });
    const second = await run({ seed: 4, ...options });
    const other = await run({ seed: 5, ...options });
    expect(second).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
  }, 60_000);
});
