import { type ESTree, parseSync } from "vite";

/**
 * The rules of tidy look at syntax trees, not at text, so that a comment or a string that speaks of a banned thing is
 * no finding. TypeScript 7 is native and offers no settled parser to JavaScript; vite, which builds the checkout page,
 * carries one (Oxc) that reads the whole repository in well under a second.
 */
export interface Source {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly program: ESTree.Program;
  /** Every node in the order of its start, each with the node around it. */
  readonly nodes: readonly Placed[];
  /** Those that name another module: imports of every kind, and exports from there. */
  readonly links: readonly ESTree.Node[];
  /** Where each comment starts and ends, in UTF-16 units. */
  readonly comments: readonly { readonly start: number; readonly end: number }[];
  readonly syntaxErrors: readonly { readonly message: string; readonly offset: number }[];
}

export interface Placed {
  readonly node: ESTree.Node;
  readonly parent: ESTree.Node | undefined;
}

/** What tidy says: `path:line: rule: advice`. Lines count from 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly advice: string;
}

/** The repository as tidy sees it: the parsed sources, every text, and the paths of all files. */
export interface Tree {
  readonly sources: readonly Source[];
  readonly texts: ReadonlyMap<string, string>;
  readonly paths: ReadonlySet<string>;
}

/** A rule reads the tree and says what is wrong; it changes nothing. */
export type Rule = (tree: Tree) => Iterable<Finding>;

const SOURCE = /\.(?:ts|tsx|mts|mjs)$/;

/** Parses what can be parsed. `extraPaths` are files that exist and need not be read, such as pictures. */
export function treeOf(texts: ReadonlyMap<string, string>, extraPaths: Iterable<string> = []): Tree {
  const sources: Source[] = [];
  for (const [path, text] of texts) if (SOURCE.test(path)) sources.push(parse(path, text));
  return { sources, texts, paths: new Set([...texts.keys(), ...extraPaths]) };
}

function parse(path: string, text: string): Source {
  const lang = path.endsWith(".tsx") ? "tsx" : "ts";
  const parsed = parseSync(path, text, { lang, sourceType: "module", preserveParens: false });
  const nodes: Placed[] = [];
  place(parsed.program, undefined, nodes);
  const syntaxErrors = parsed.errors.map((error) => ({
    message: error.message,
    offset: error.labels[0]?.start ?? 0,
  }));
  const links = nodes.map(({ node }) => node).filter((node) => "source" in node && node.source !== null);
  return { path, text, program: parsed.program, nodes, links, comments: parsed.comments, syntaxErrors };
}

function place(node: ESTree.Node, parent: ESTree.Node | undefined, into: Placed[]): void {
  into.push({ node, parent });
  for (const child of childrenOf(node)) place(child, node, into);
}

/** The nodes directly below one, in the order of the text. */
export function childrenOf(node: ESTree.Node): ESTree.Node[] {
  const children: ESTree.Node[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === "parent") continue;
    if (isNode(value)) children.push(value);
    else if (Array.isArray(value)) for (const each of value) if (isNode(each)) children.push(each);
  }
  return children;
}

function isNode(value: unknown): value is ESTree.Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

export function findingAt(source: Source, offset: number, rule: string, advice: string): Finding {
  return { path: source.path, line: lineOf(source.text, offset), rule, advice };
}

/** Written by a program, as long as what they tell of. */
export const GENERATED: ReadonlySet<string> = new Set(["sdk/src/types.ts"]);

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

/** Tests and what only tests use. */
export function isTestCode(path: string): boolean {
  return isTest(path) || path.startsWith("server/test/");
}

/** The platform's own code: what runs at a merchant's, as opposed to its tests. */
export function isServerCode(path: string): boolean {
  return path.startsWith("server/src/") && !isTest(path);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
