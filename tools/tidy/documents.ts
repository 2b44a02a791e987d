import { posix } from "node:path";
import type { Finding, Tree } from "./source.ts";

/** Documents do not lie about where things are: links, anchors and the files they name exist. */

interface Line {
  readonly number: number;
  /** The text of a line outside fenced blocks. */
  readonly prose: string;
  /** What stands behind the backticks that open a block. */
  readonly fenceInfo: string;
}

const LINK = /!?\[(?:[^\]\\]|\\.|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const DEFINITION = /^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)/;
const HTML = /<(?:a|img|source)\s[^>]*?\b(?:href|src|srcset)="([^"]+)"/g;
const FILE =
  /^(?:contract|checkout|server|cli|sdk|dashboard|bench|tools|docs|\.ci|\.github)\/[\w./-]+\.(?:tsx?|md|json|sql|sh|css|yml)$/;

/** A decision and a change log tell what was; files they name may be gone. */
const HISTORY = /^(?:CHANGELOG\.md|docs\/decisions\/)/;

export function* documents({ texts, paths }: Tree): Iterable<Finding> {
  const exists = withFolders(paths);
  for (const [path, text] of texts) {
    if (!path.endsWith(".md")) continue;
    for (const { number, prose, fenceInfo } of linesOf(text)) {
      const at = (rule: string, advice: string): Finding => ({ path, line: number, rule, advice });
      for (const link of linksIn(prose)) {
        const problem = problemWith(link, path, texts, exists);
        if (problem !== undefined) yield at("links", problem);
      }
      if (HISTORY.test(path)) continue;
      for (const named of filesNamedIn(prose, fenceInfo))
        if (!exists.has(named)) yield at("files", `names ${named}, which does not exist`);
    }
  }
}

function withFolders(paths: ReadonlySet<string>): Set<string> {
  const all = new Set<string>(["."]);
  for (const path of paths)
    for (let each = path; each !== "."; each = posix.dirname(each)) {
      if (all.has(each)) break;
      all.add(each);
    }
  return all;
}

function linesOf(text: string): Line[] {
  let fence: string | undefined;
  return text.split("\n").map((line, index) => {
    const mark = /^\s*(`{3,}|~{3,})(.*)$/.exec(line);
    const number = index + 1;
    if (fence !== undefined) {
      if (mark?.[1]?.startsWith(fence) && mark[2]?.trim() === "") fence = undefined;
      return { number, prose: "", fenceInfo: "" };
    }
    if (!mark) return { number, prose: line, fenceInfo: "" };
    fence = mark[1];
    return { number, prose: "", fenceInfo: mark[2] ?? "" };
  });
}

function linksIn(prose: string): string[] {
  const text = prose.replace(/(`+)(?:(?!\1).)*\1/g, "``");
  const found = [...text.matchAll(LINK), ...text.matchAll(HTML)].map((match) => match[1] ?? "");
  const definition = DEFINITION.exec(text)?.[1];
  return definition === undefined ? found : [...found, definition];
}

function problemWith(
  link: string,
  from: string,
  texts: ReadonlyMap<string, string>,
  exists: ReadonlySet<string>,
): string | undefined {
  if (/^[a-z][a-z+.-]*:|^\/\//i.test(link)) return undefined;
  if (link.startsWith("/")) return `${link}: link relative to this file, so that it works everywhere`;
  const [file = "", anchor] = link.split("#", 2);
  const decoded = decodeURIComponent(file.split("?")[0] ?? "");
  const target = decoded === "" ? from : posix.join(posix.dirname(from), decoded).replace(/\/$/, "");
  if (!exists.has(target)) return `${link} leads nowhere: there is no ${target}`;
  if (anchor === undefined || anchor === "" || !target.endsWith(".md")) return undefined;
  return anchorsOf(texts.get(target) ?? "").has(anchor)
    ? undefined
    : `${link}: ${target} has no heading of that name`;
}

/** Anchors as GitHub makes them from headings; a second heading of the same name gets `-1`. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const { prose } of linesOf(text)) {
    for (const named of prose.matchAll(/<a\s[^>]*\b(?:id|name)="([^"]+)"/g)) anchors.add(named[1] ?? "");
    const heading = /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(prose)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    let unique = slug;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** Files of ours in `backticks`, and in the line that opens a block (```ts server/src/base/world.ts). */
function filesNamedIn(prose: string, fenceInfo: string): string[] {
  const quoted = [...prose.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? "").replace(/:\d+$/, ""));
  const inFence = fenceInfo.split(/[\s"'={},]+/);
  return [...quoted, ...inFence].filter((each) => FILE.test(each));
}
