/** What a run prints in the end. */
import type { RunResult } from "./run.ts";

const WRONGS_SHOWN = 30;

export function reportOf({ wrongs, counts, times, totals }: RunResult): string {
  const lines = [
    group("kills", counts, "kills: "),
    group("requests", counts, "requests: "),
    row("books", Object.entries(totals)),
    row(
      "also",
      [...counts].filter(([what]) => !/^(?:kills|requests): /.test(what)),
    ),
    "recovery, in ms",
    ...[...times].map(([what, taken]) => `  ${what.padEnd(48)} ${summary(taken)}`),
    `violations: ${wrongs.length}`,
    ...wrongs.slice(0, WRONGS_SHOWN).map(({ rule, seen }) => `  ${rule}: ${seen}`),
  ];
  return lines.join("\n");
}

function group(name: string, counts: ReadonlyMap<string, number>, prefix: string): string {
  const found = [...counts].filter(([what]) => what.startsWith(prefix));
  const all = found.reduce((sum, [, count]) => sum + count, 0);
  return row(
    `${name} ${all}`,
    found
      .map(([what, count]) => [what.slice(prefix.length), count] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function row(name: string, found: readonly (readonly [string, number])[]): string {
  return `${name}\n${found.map(([what, count]) => `  ${what.padEnd(48)} ${count}`).join("\n")}`;
}

function summary(taken: readonly number[]): string {
  const sorted = [...taken].sort((a, b) => a - b);
  const half = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return `p50 ${Math.round(half)}, max ${Math.round(sorted.at(-1) ?? 0)}, of ${sorted.length}`;
}
