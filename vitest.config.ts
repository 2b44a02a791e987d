import { defineConfig } from "vitest/config";
import { closingLine } from "./tools/closing-line.ts";

/**
 * One run for all workspaces. The global set-up makes one PostgreSQL for the run, from whose template each file takes
 * a database of its own; so files may run side by side, two at a time as on the smallest machine.
 */
export default defineConfig({
  // The checkout page's tests render Preact components.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    include: ["{contract,server,checkout,site,sdk,cli,examples,tools,docs}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["server/test/support/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // What was set up last is torn down first, one hook at a time.
    sequence: { hooks: "stack" },
    // A test that is left out, or an empty run, must not look like a passed one.
    allowOnly: false,
    passWithNoTests: false,
    reporters: ["default", closingLine()],
  },
});
