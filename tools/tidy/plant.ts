import { findUntidy, formatFinding } from "../tidy.ts";
import { treeOf } from "./source.ts";

/** For tests: what tidy says of files that were made up. */

/** Where and by which rule something was found, as `path:line: rule`; the advice is for people. */
export function untidy(files: Record<string, string>, earlierRatchets: readonly string[] = []): string[] {
  const findings = findUntidy(treeOf(new Map(Object.entries(files))), earlierRatchets);
  return findings.map((finding) => formatFinding(finding).split(": ").slice(0, 2).join(": "));
}

/**
 * One file whose first line is the reason for it, so that what is planted stands on line 2. Somebody takes what it exports:
 * only what is planted is to be found.
 */
export function planted(path: string, code: string, beside: Record<string, string> = {}): string[] {
  return untidy({ ...beside, ...takerOf(path), [path]: `// Why.\n${code}\n` });
}

/** A test that takes all that a file exports. */
export function takerOf(path: string): Record<string, string> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { [path.replace(/(?:\.test)?\.tsx?$/, "-taken.test.ts")]: `import * as taken from "./${name}";\n` };
}
