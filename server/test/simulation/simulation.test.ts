import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { A_MONTH } from "./regression-seeds.ts";
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

  it("meets every kind of fault in a month, and finds nothing wrong", async () => {
    const { found: _found, ...options } = A_MONTH;
    const result = await run(options);
    expect(result.wrongs).toEqual([]);
    expect(result.missing).toEqual([]);
    expect(result.totals["renewals that succeeded"]).toBeGreaterThan(10);
  }, 180_000);

  it("gives the same run for the same seed, bit for bit, and another for another", async () => {
    const options = { days: 4, subscriptions: 8, payments: 20, killEvery: 800 };
    const first = await run({ seed: 4, ...options });
    const second = await run({ seed: 4, ...options });
    const other = await run({ seed: 5, ...options });
    expect(second).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
  }, 180_000);
});
