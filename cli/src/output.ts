/**
 * What commands print. For people: text with colours on standard output, warnings on standard error. For programs
 * (`--json`): one JSON object a line on standard output, and nothing else there. Colours are left out where the output is
 * no terminal or NO_COLOR is set.
 */
import { stripVTControlCharacters, styleText } from "node:util";

export type Output = {
  readonly isJson: boolean;
  /** A line for people. */
  say(text: string): void;
  /** A line for programs. */
  tell(record: object): void;
  /** A warning or progress, on standard error: for people, and in the logs of a program. */
  note(text: string): void;
};

export function openOutput({ json }: { readonly json?: true }): Output {
  return {
    isJson: json === true,
    say: (text) => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    tell: (record) => {
      if (json) process.stdout.write(`${JSON.stringify(record)}\n`);
    },
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}

type Paint = (text: string) => string;

const painter =
  (format: "green" | "red" | "yellow" | "dim" | "bold"): Paint =>
  (text) =>
    styleText(format, text);

export const good = painter("green");
export const bad = painter("red");
export const warn = painter("yellow");
export const faint = painter("dim");
export const strong = painter("bold");

/** What went well or wrong in one sign and colour, the sign alone being enough. */
export const SIGNS = { ok: good("✓"), wrong: bad("✗"), warning: warn("!"), unknown: faint("?") } as const;

/** Columns as wide as their widest cell; the widths are those of the text without its colours. */
export function columns(rows: readonly (readonly string[])[]): string {
  const plain = rows.map((row) => row.map((cell) => stripVTControlCharacters(cell)));
  const widths = (plain[0] ?? []).map((_, at) => Math.max(...plain.map((row) => row[at]?.length ?? 0)));
  const pad = (cell: string, at: number) =>
    cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - stripVTControlCharacters(cell).length));
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** `name  value` under each other, indented; what has no value is left out. */
export function fields(pairs: readonly (readonly [string, string | null | undefined])[]): string {
  const shown = pairs.flatMap(([name, value]) => (value ? [[`  ${faint(name)}`, value]] : []));
  return columns(shown);
}

/** Text that came from elsewhere, on one line, without anything that a terminal would obey. */
export function oneLine(text: string, most = 200): string {
  const line = text
    .replaceAll(/\p{C}|\s+/gu, " ")
    .replaceAll(/ +/g, " ")
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** `12 ms`, `1.4 s`. */
export function shortTime(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** `14:03:09`, in this machine's zone: when something was printed. */
export function timeOfDay(at = new Date()): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** `1 event`, `2 events`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
