import { posix } from "node:path";
import type { ESTree } from "vite";
import { type Finding, findingAt, isTest, isTestCode, type Source, type Tree } from "./source.ts";

/** Who may import whom: rungs and nouns of the server, the workspaces, no knots (ARCHITECTURE.md, rungs and nouns). */

/** A rung imports what has a smaller number, and itself. Equal numbers stand side by side and do not meet. */
const RUNGS: ReadonlyMap<string, number> = new Map([
  ["base", 0],
  ["domain", 1],
  // The auditor shares no code with what it audits.
  ["audit", 1],
  ["store", 2],
  ["processors", 2],
  ["flows", 3],
  ["api", 4],
  ["worker", 4],
  ["main", 5],
]);

const NOUNS = [
  "accounts",
  "customers",
  "intents",
  "charges",
  "refunds",
  "subscriptions",
  "ledger",
  "events",
  "webhooks",
] as const;

/** Words for a part of a noun that have files of their own. */
const PARTS: ReadonlyMap<string, string> = new Map([
  ["client", "accounts"],
  ["clients", "accounts"],
  ["delivery", "webhooks"],
  ["deliveries", "webhooks"],
  ["endpoint", "webhooks"],
  ["endpoints", "webhooks"],
]);

/** For each workspace, the workspaces it may import, by package name. */
const WORKSPACES: ReadonlyMap<string, readonly string[]> = new Map([
  ["contract", []],
  ["checkout", ["@mintro/contract"]],
  // Published alone: only its samples import anything of ours, itself as a merchant does.
  ["sdk", ["@mintro/sdk"]],
  ["dashboard", ["@mintro/contract"]],
  ["site", ["@mintro/checkout"]],
  ["server", ["@mintro/contract", "@mintro/checkout", "@mintro/site"]],
  ["cli", ["@mintro/contract", "@mintro/sdk", "@mintro/server"]],
  ["examples", ["@mintro/sdk"]],
]);

const PURE_MODULES = new Set(["node:crypto", "node:buffer", "zod"]);

export interface Import {
  readonly specifier: string;
  readonly offset: number;
  /** True where nothing is left of it at run time. */
  readonly typeOnly: boolean;
}

export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  for (const node of source.links) {
    const from = moduleNamedBy(node);
    if (!from) continue;
    const typeOnly =
      node.type === "TSImportType" ||
      (node.type === "ImportDeclaration" && node.importKind === "type") ||
      ((node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration") &&
        node.exportKind === "type");
    found.push({ specifier: from, offset: node.start, typeOnly });
  }
  return found;
}

function moduleNamedBy(node: ESTree.Node): string | undefined {
  if (
    node.type === "ImportDeclaration" ||
    node.type === "ExportAllDeclaration" ||
    node.type === "TSImportType"
  )
    return node.source.value;
  if (node.type === "ExportNamedDeclaration") return node.source?.value;
  if (node.type !== "ImportExpression" || node.source.type !== "Literal") return undefined;
  return typeof node.source.value === "string" ? node.source.value : undefined;
}

/** The repository path that a relative import means; undefined for packages. */
function targetOf(source: Source, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(source.path), specifier) : undefined;
}

export function* rungs({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!source.path.startsWith("server/src/") || isTest(source.path)) continue;
    const rung = rungOf(source.path);
    const rank = RUNGS.get(rung ?? "");
    if (rung === undefined || rank === undefined) {
      yield findingAt(source, 0, "rungs", `stands on no rung: move it into ${[...RUNGS.keys()].join(", ")}`);
      continue;
    }
    for (const { specifier, offset } of importsOf(source)) {
      const other = rungOf(targetOf(source, specifier) ?? "");
      const otherRank = RUNGS.get(other ?? "");
      if (other === undefined || otherRank === undefined || other === rung || otherRank < rank) continue;
      yield findingAt(
        source,
        offset,
        "rungs",
        `${rung} may not import ${other}; hand the value in from above, or move what both need below both`,
      );
    }
  }
}

function rungOf(path: string): string | undefined {
  return /^server\/src\/([^/]+)\//.exec(path)?.[1];
}

export function* nouns({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    const noun = isTest(source.path) ? undefined : nounOf(source.path);
    if (noun === undefined) continue;
    for (const { specifier, offset } of importsOf(source)) {
      const other = nounOf(targetOf(source, specifier) ?? "");
      if (other === undefined || other <= noun) continue;
      yield findingAt(
        source,
        offset,
        "nouns",
        `${NOUNS[noun]} stands before ${NOUNS[other]} and may not import it; turn the import round, or join them in a flow`,
      );
    }
  }
}

/** The place in NOUNS of a file in domain or store, by the first word of its path that is one. */
function nounOf(path: string): number | undefined {
  const inside = /^server\/src\/(?:domain|store)\/(.+)$/.exec(path)?.[1];
  if (inside === undefined) return undefined;
  for (const word of inside.split(/[/.-]/)) {
    const noun = PARTS.get(word) ?? word;
    const index = NOUNS.findIndex((each) => each === noun || each === `${noun}s`);
    if (index !== -1) return index;
  }
  return undefined;
}

export function* pureDomain({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!source.path.startsWith("server/src/domain/") || isTest(source.path)) continue;
    for (const { specifier, offset } of importsOf(source)) {
      if (/^\.|^@mintro\/contract\//.test(specifier) || PURE_MODULES.has(specifier)) continue;
      yield findingAt(
        source,
        offset,
        "pure-domain",
        `domain only computes and may not import ${specifier}; take the value as an argument`,
      );
    }
    for (const { node } of source.nodes) {
      const waits = node.type === "AwaitExpression" || ("async" in node && node.async === true);
      if (waits)
        yield findingAt(source, node.start, "pure-domain", "domain only computes: wait for it in a flow");
    }
  }
}

export function* workspaces({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    const own = source.path.split("/")[0] ?? "";
    const allowed = WORKSPACES.get(own);
    for (const { specifier, offset, typeOnly } of importsOf(source)) {
      const target = targetOf(source, specifier);
      if (target !== undefined) {
        if (isTestCode(target) && !isTestCode(source.path) && own in { server: 1, contract: 1, checkout: 1 })
          yield findingAt(source, offset, "workspaces", "code may not import tests or their support");
        const sharesSupport = isTestCode(source.path) && isTestCode(target);
        if (allowed && !sharesSupport && target.split("/")[0] !== own)
          yield findingAt(source, offset, "workspaces", `leaves ${own}/: import the package by its name`);
        continue;
      }
      const ours = /^(?:@mintro\/[^/]+|mintro)(?=\/|$)/.exec(specifier)?.[0];
      if (allowed && ours !== undefined && !allowed.includes(ours))
        yield findingAt(
          source,
          offset,
          "workspaces",
          `${own} may import of ours ${allowed.length > 0 ? allowed.join(" and ") : "nothing"}`,
        );
      const heavy = /^(?:@mintro\/contract|zod)(?=\/|$)/.test(specifier);
      if (heavy && !typeOnly && source.path.startsWith("checkout/src/") && !isTest(source.path))
        yield findingAt(source, offset, "workspaces", "use `import type`: the page must not carry Zod");
    }
  }
}

export function* cycles({ sources }: Tree): Iterable<Finding> {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const open: string[] = [];
  const visit = function* (source: Source): Iterable<Finding> {
    open.push(source.path);
    for (const { specifier, offset } of importsOf(source)) {
      const target = byPath.get(targetOf(source, specifier) ?? "");
      if (!target || done.has(target.path)) continue;
      const from = open.indexOf(target.path);
      if (from === -1) yield* visit(target);
      else {
        const knot = [...open.slice(from), target.path].join(" → ");
        yield findingAt(source, offset, "cycles", `imports go round in a circle (${knot}); cut it`);
      }
    }
    open.pop();
    done.add(source.path);
  };
  for (const source of sources) if (!done.has(source.path)) yield* visit(source);
}
