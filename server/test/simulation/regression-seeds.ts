/**
 * The seeds that the tests run each time: all that ever failed, with what each found, and a few more. What a seed meets
 * changes with every change of the code it runs through; so a seed that failed is kept together with an ordinary test of
 * what it found.
 */
import type { SimulationOptions } from "./simulation.ts";

export type RegressionSeed = Pick<SimulationOptions, "seed" | "days" | "subscriptions" | "payments"> & {
  /** What it found when it failed; null: nothing so far. */
  readonly found: string | null;
};

export const REGRESSION_SEEDS: readonly RegressionSeed[] = [
  {
    seed: 207,
    days: 2,
    subscriptions: 2,
    payments: 100,
    found:
      "A completion from an earlier reload moved the money of a challenge just before its intent was cancelled, and nobody asked again: moved-money-is-booked.",
  },
  { seed: 1, days: 12, subscriptions: 20, payments: 40, found: null },
  { seed: 2, days: 12, subscriptions: 20, payments: 40, found: null },
  { seed: 3, days: 12, subscriptions: 20, payments: 40, found: null },
];
