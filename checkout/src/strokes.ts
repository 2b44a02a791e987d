/** The signs above a screen's heading, as paths in a square of 24; also for the pages that are drawn without the script. */
export type EmblemKind = "good" | "bad" | "neutral";

export const STROKES: Readonly<Record<EmblemKind, string>> = {
  good: "m6.5 12.5 3.7 3.7 7.3-8",
  bad: "m8 8 8 8m0-8-8 8",
  neutral: "M12 6.5v6.2m0 4.1v.4",
};
