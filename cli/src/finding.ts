/** What the doctor finds, one thing at a time: what was done, what was seen, and what to do. */
import { faint, type Output, oneLine, SIGNS } from "./output.ts";

export type Finding = {
  /** Its lasting name, for programs: `tampered-body`. */
  readonly check: string;
  /** `unknown`: it cannot be told from here, for the reason in `saw`. */
  readonly result: "ok" | "warning" | "wrong" | "unknown";
  readonly did: string;
  readonly saw: string;
  /** Null for `ok`. */
  readonly todo: string | null;
};

export type Counts = Record<Finding["result"], number>;

/** Prints findings as they come. */
export async function showFindings(
  output: Output,
  findings: AsyncIterable<Finding>,
  counts: Counts,
): Promise<void> {
  for await (const finding of findings) {
    counts[finding.result] += 1;
    output.tell({ type: "finding", ...finding });
    output.say(`${SIGNS[finding.result]} ${finding.did}: ${oneLine(finding.saw, 400)}`);
    if (finding.todo !== null) output.say(faint(wrapped(finding.todo)));
  }
}

export function ok(check: string, did: string, saw: string): Finding {
  return { check, result: "ok", did, saw, todo: null };
}

const WIDTH = 96;

/** Indented, in lines that fit most terminals. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => `    ${line}`).join("\n");
}
