import type { Reporter } from "vitest/node";

/**
 * Closes a test run with `12 passed, 0 failed` alone on a line, for programs that read the result: the tests that were
 * executed, and among the failed also files that broke before their tests and errors that belong to no test.
 */
export function closingLine(print: (line: string) => void = console.log): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      let passed = 0;
      let failed = unhandledErrors.length;
      for (const module of modules) {
        let failedHere = 0;
        for (const test of module.children.allTests()) {
          const { state } = test.result();
          if (state === "passed") passed += 1;
          if (state === "failed") failedHere += 1;
        }
        failed += failedHere === 0 && module.state() === "failed" ? 1 : failedHere;
      }
      print(`${passed} passed, ${failed} failed`);
    },
  };
}
