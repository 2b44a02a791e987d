import { describe, expect, inject, it } from "vitest";
import { PLANTED } from "./faults.ts";
import { applyEdit, runPlanted, violatedIn } from "./plant.ts";

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
