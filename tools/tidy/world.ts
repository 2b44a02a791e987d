import type { ESTree } from "vite";
import { importsOf } from "./modules.ts";
import { type Finding, findingAt, isServerCode, type Source, type Tree } from "./source.ts";

/** Clock and chance come from `World` alone, and only base, worker and main wait, so that a year runs in a second. */

const REACHES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["Date", new Set(["now"])],
  ["performance", new Set(["now", "timeOrigin"])],
  ["Math", new Set(["random"])],
  ["process", new Set(["hrtime", "uptime"])],
  ["Temporal", new Set(["Now"])],
]);

/** Chance, under whatever object or import it comes. */
const DICE = new Set([
  "randomUUID",
  "randomBytes",
  "randomInt",
  "randomFill",
  "randomFillSync",
  "getRandomValues",
]);

const TIMERS = new Set(["setTimeout", "setInterval"]);
const MAY_WAIT = /^server\/src\/(?:base|worker|main)\//;

const ADVICE = "only base/world.ts reads the clock or rolls dice; take a World";

export function* world({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!isServerCode(source.path)) continue;
    if (source.path !== "server/src/base/world.ts") yield* clockAndChance(source);
    if (!MAY_WAIT.test(source.path)) yield* timers(source);
  }
}

function* clockAndChance(source: Source): Iterable<Finding> {
  for (const { node } of source.nodes) {
    const what = reachOf(node);
    if (what !== undefined) yield findingAt(source, node.start, "world", `${what}: ${ADVICE}`);
  }
}

function reachOf(node: ESTree.Node): string | undefined {
  if (node.type === "MemberExpression") {
    const member = memberName(node) ?? "";
    const owner = nameOf(node.object) ?? "";
    if (DICE.has(member)) return member;
    return REACHES.get(owner)?.has(member) ? `${owner}.${member}` : undefined;
  }
  if (node.type === "NewExpression")
    return nameOf(node.callee) === "Date" && node.arguments.length === 0 ? "new Date()" : undefined;
  if (node.type === "CallExpression")
    return node.callee.type === "Identifier" && node.callee.name === "Date" ? "Date()" : undefined;
  if (node.type === "ImportSpecifier") {
    const imported = node.imported.type === "Literal" ? node.imported.value : node.imported.name;
    return DICE.has(imported) ? imported : undefined;
  }
  return node.type === "VariableDeclarator" ? takenApart(node) : undefined;
}

/** `const { now } = Date` reaches for the clock as well. */
function takenApart(node: ESTree.VariableDeclarator): string | undefined {
  if (node.id.type !== "ObjectPattern" || !node.init) return undefined;
  const owner = nameOf(node.init);
  for (const property of node.id.properties) {
    if (property.type !== "Property" || property.key.type !== "Identifier") continue;
    const { name } = property.key;
    if (DICE.has(name) || REACHES.get(owner ?? "")?.has(name)) return `${owner}.${name}`;
  }
  return undefined;
}

function* timers(source: Source): Iterable<Finding> {
  const advice = "only base, worker and main wait; let a due time in a row say when";
  for (const { node } of source.nodes) {
    const callee = node.type === "CallExpression" ? nameOf(node.callee) : undefined;
    if (callee !== undefined && TIMERS.has(callee))
      yield findingAt(source, node.start, "world", `${callee}: ${advice}`);
  }
  for (const { specifier, offset } of importsOf(source))
    if (/^(?:node:)?timers(?:\/|$)/.test(specifier))
      yield findingAt(source, offset, "world", `${specifier}: ${advice}`);
}

/** The last name of `a`, `b.a` and `b["a"]`. */
export function nameOf(node: ESTree.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "MemberExpression" ? memberName(node) : undefined;
}

function memberName(node: ESTree.MemberExpression): string | undefined {
  if (!node.computed) return node.property.name;
  const key = node.property;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : undefined;
}
