import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { argumentsFor } from "./options.ts";
import { REGRESSION_SEEDS } from "./regression-seeds.ts";
import { ORDINARY, simulate } from "./simulation.ts";
import { openDatabases, type SimulationDatabases } from "./simulation-server.ts";

describe("the simulation's fixed seeds", () => {
  const { adminUrl } = inject("testDatabases");
  let databases: SimulationDatabases;
  beforeAll(async () => {
    databases = await openDatabases(adminUrl);
  });
  afterAll(() => databases.end());

  it.each(REGRESSION_SEEDS)(
    "find nothing wrong in $days days of seed $seed",
    async ({ seed, days, subscriptions, payments, killEvery }) => {
      const numbers = { seed, days, subscriptions, payments };
      const result = await databases.withOne((url) => simulate(url, { ...ORDINARY, ...numbers, killEvery }));
      const again = argumentsFor({ ...numbers, "kill-every": killEvery }).join(" ");
      expect(result.wrongs, `npm run simulate -- ${again}`).toEqual([]);
      // The simulation must have done something: in a few days nothing renews yet.
      const done = days >= 12 ? "renewals that succeeded" : "charges that succeeded";
      expect(result.totals[done]).toBeGreaterThan(10);
      expect(result.totals["process killed"]).toBeGreaterThan(2);
    },
    180_000,
  );
});
