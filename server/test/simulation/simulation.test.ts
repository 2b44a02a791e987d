import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { PLANTED } from "./planted/faults.ts";
import { applyEdit, runPlanted, violatedIn } from "./planted/plant.ts";
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
      expect(result.totals["renewals that succeeded"]).toBeGreaterThan(10);
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

describe("a guard that is broken on purpose in a copy of the sources is found", () => {
  const { adminUrl } = inject("testDatabases");
  /** The first seed is known to find it. Changes elsewhere shift what a seed meets, so a few more may. */
  const SEEDS = 6;

  it.each(PLANTED)(
    "$name: $guard",
    async (fault) => {
      const found: string[][] = [];
      for (let tried = 0; tried < SEEDS; tried++) {
        const { exitCode, output } = await runPlanted({ ...fault, seed: fault.seed + tried }, adminUrl);
        expect(output, "the simulation runs in the copy").toMatch(/^\d+ seeds, /m);
        found.push(exitCode === 0 ? [] : violatedIn(output));
        if (found.at(-1)?.some((invariant) => fault.foundBy.includes(invariant))) return;
      }
      expect.fail(`Seeds ${fault.seed} to ${fault.seed + SEEDS - 1} found only ${JSON.stringify(found)}.`);
    },
    180_000,
  );

  it("an edit that no longer fits its source says so", () => {
    const edit = { file: "src/a.ts", find: "b", replace: "c" };
    expect(applyEdit("abd", edit)).toBe("acd");
    for (const source of ["ad", "abbd"])
      expect(() => applyEdit(source, edit)).toThrow(/no longer fits src\/a\.ts/);
  });
});
