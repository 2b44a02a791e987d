/** The code that the pages show: every fenced block of the guides, the README and the SDK's README, with where it stands. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** What is neither run nor parsed: pictures in letters, output, HTTP messages and other programs' settings. */
const TEXT = new Set(["", "text", "http"]);

export type Block = {
  /** Relative to the repository. */
  readonly page: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  /** As behind the fence: `sh`, `ts`, … */
  readonly language: string;
  /** Ends with a line break, without the indentation of the fence. */
  readonly text: string;
};

export const read = (path: string): string => readFileSync(`${ROOT}/${path}`, "utf8");

/** In the order of the pages. */
export const BLOCKS: readonly Block[] = [
  "README.md",
  "sdk/README.md",
  ...globSync("docs/guides/*.md", { cwd: ROOT }).sort(),
]
  .flatMap(blocksOf)
  .filter(({ language }) => !TEXT.has(language));

export const named = ({ page, line, text }: Block): string =>
  `${page}:${line} ${text.split("\n", 1)[0] ?? ""}`;

function blocksOf(page: string): Block[] {
  const text = read(page);
  return [...text.matchAll(/^( *)```([^\n`]*)\n([\s\S]*?)^\1```$/gm)].map((match) => {
    const [, indent = "", language = "", inside = ""] = match;
    return {
      page,
      line: text.slice(0, match.index).split("\n").length,
      language: language.trim(),
      text: inside.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    };
  });
}
