import type { ESTree } from "vite";
import { nameOf } from "./names.ts";
import {
  type Finding,
  GENERATED,
  isRecord,
  isTest,
  isTestCode,
  lineOf,
  type Placed,
  parseJson,
  type Tree,
} from "./source.ts";

/**
 * Files and functions stay small enough to be read at once. What is longer stands in tidy-ratchet.json with its size
 * today and the reason; a listed size may only shrink, and falls out of the list when it has become ordinary.
 */
export const RATCHET = "tools/tidy-ratchet.json";

const FILE_LINES = 300;
const TEST_FILE_LINES = 600;
const FUNCTION_LINES = 70;

/** A file, known by its path, or a function, known by `path#name`; `limit` is what it may have without being listed. */
interface Measured {
  readonly path: string;
  readonly line: number;
  readonly lines: number;
  readonly limit: number;
}

interface Listed {
  readonly lines: number;
  readonly reason: string;
}

/** `earlier` are older versions of the list, as text: no size may stand above what it was there. */
export function sizes(earlier: readonly string[]): (tree: Tree) => Iterable<Finding> {
  return function* (tree) {
    const text = tree.texts.get(RATCHET);
    const listed = readRatchet(text ?? "{}");
    if (!listed) {
      yield ratchetFinding(text, "", 'must be {"<path or path#function>": {"lines": 1, "reason": "…"}}');
      return;
    }
    const measured = measure(tree);
    for (const [key, { path, line, lines, limit }] of measured) {
      const entry = listed.get(key);
      if (lines > limit && !entry) yield { path, line, rule: "size", advice: tooLong(key, lines, limit) };
      if (lines > limit && entry && lines > entry.lines)
        yield {
          path,
          line,
          rule: "size",
          advice: `has grown from ${entry.lines} to ${lines} lines: split it`,
        };
    }
    for (const [key, entry] of listed)
      yield* stale(key, entry, measured.get(key)).map((advice) => ratchetFinding(text, key, advice));
    for (const older of earlier)
      for (const [key, { lines }] of readRatchet(older) ?? [])
        if ((listed.get(key)?.lines ?? 0) > lines)
          yield ratchetFinding(text, key, `was listed with ${lines} lines: a listed size may only shrink`);
  };
}

function tooLong(key: string, lines: number, limit: number): string {
  const what = key.includes("#") ? `function ${key.slice(key.indexOf("#") + 1)}` : "file";
  return `${what} has ${lines} lines, more than ${limit}: split it, or list it in ${RATCHET} with the reason`;
}

function stale(key: string, entry: Listed, now: Measured | undefined): string[] {
  if (!now) return [`${key} is gone: remove it`];
  if (now.lines <= now.limit) return [`${key} has only ${now.lines} lines now: remove it`];
  const wrong: string[] = [];
  if (now.lines < entry.lines) wrong.push(`${key} has shrunk: list it with ${now.lines} lines`);
  if (entry.reason.trim().length < 10) wrong.push(`${key}: say why it cannot be shorter`);
  return wrong;
}

function ratchetFinding(text: string | undefined, key: string, advice: string): Finding {
  const at = Math.max(0, text?.indexOf(`"${key}"`) ?? 0);
  return { path: RATCHET, line: lineOf(text ?? "", at), rule: "size", advice };
}

function readRatchet(text: string): Map<string, Listed> | undefined {
  const entries = new Map<string, Listed>();
  const value: unknown = parseJson(text);
  if (!isRecord(value)) return undefined;
  for (const [key, entry] of Object.entries(value)) {
    if (!isListed(entry)) return undefined;
    entries.set(key, entry);
  }
  return entries;
}

function isListed(value: unknown): value is Listed {
  return isRecord(value) && typeof value["lines"] === "number" && typeof value["reason"] === "string";
}

function measure({ sources }: Tree): Map<string, Measured> {
  const measured = new Map<string, Measured>();
  for (const { path, text, nodes } of sources) {
    if (GENERATED.has(path)) continue;
    const lines = lineOf(text, text.trimEnd().length);
    measured.set(path, { path, line: 1, lines, limit: isTestCode(path) ? TEST_FILE_LINES : FILE_LINES });
    if (isTest(path)) continue;
    for (const placed of nodes) {
      if (!isFunction(placed.node)) continue;
      const line = lineOf(text, placed.node.start);
      const length = lineOf(text, placed.node.end) - line + 1;
      const key = `${path}#${functionName(placed)}`;
      if (length > (measured.get(key)?.lines ?? 0))
        measured.set(key, { path, line, lines: length, limit: FUNCTION_LINES });
    }
  }
  return measured;
}

function isFunction(node: ESTree.Node): boolean {
  return (
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression"
  );
}

/** Its own name, or that of what it is assigned to; else that of the call it is handed to. */
function functionName({ node, parent }: Placed): string {
  const unnamed = "anonymous";
  if ("id" in node && node.id?.type === "Identifier") return node.id.name;
  if (parent?.type === "VariableDeclarator") return nameOf(parent.id) ?? unnamed;
  if (
    parent?.type === "Property" ||
    parent?.type === "MethodDefinition" ||
    parent?.type === "PropertyDefinition"
  )
    return nameOf(parent.key) ?? unnamed;
  return parent?.type === "CallExpression" ? `${nameOf(parent.callee) ?? unnamed}()` : unnamed;
}
