import type { ESTree } from "vite";
import { importsOf } from "./modules.ts";
import { isReference, memberName, nameOf, namesImported } from "./names.ts";
import { type Finding, findingAt, isServerCode, type Placed, type Source, type Tree } from "./source.ts";

/** Clock and chance come from `World` alone, and only base, worker and main wait, so that a year runs in a second. */

/** What reads the clock or rolls dice, by the object that it is asked of. */
const REACHES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["Date", new Set(["now"])],
  ["performance", new Set(["now", "timeOrigin"])],
  ["Math", new Set(["random"])],
  ["process", new Set(["hrtime", "uptime"])],
  ["Temporal", new Set(["Now"])],
  ["crypto", new Set()],
]);

/** Chance, under whatever object or import it comes. */
const DICE = new Set([
  "randomUUID",
  "randomUUIDv7",
  "randomBytes",
  "randomInt",
  "randomFill",
  "randomFillSync",
  "getRandomValues",
  "generateKey",
  "generateKeySync",
  "generateKeyPair",
  "generateKeyPairSync",
  "webcrypto",
]);

const CLOCK_MODULES = /^(?:node:)?perf_hooks$/;
const TIMERS = new Set(["setTimeout", "setInterval"]);
const MAY_WAIT = /^server\/src\/(?:base|worker|main)\//;

/** Where flows call the outside: a call has a deadline. */
const CALLS = new Set(["server/src/flows/charges/attempt.ts", "server/src/flows/webhooks/send.ts"]);

const ADVICE = "only base/world.ts reads the clock or rolls dice; take a World";

export function* world({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!isServerCode(source.path)) continue;
    if (source.path !== "server/src/base/world.ts") yield* clockAndChance(source);
    if (!MAY_WAIT.test(source.path)) yield* timers(source);
  }
}

function* clockAndChance(source: Source): Iterable<Finding> {
  for (const placed of source.nodes) {
    const what = reachOf(placed);
    if (what !== undefined) yield findingAt(source, placed.node.start, "world", `${what}: ${ADVICE}`);
  }
  for (const { specifier, offset } of importsOf(source))
    if (CLOCK_MODULES.test(specifier)) yield findingAt(source, offset, "world", `${specifier}: ${ADVICE}`);
  // Under another name, what is asked of it could not be told.
  const whole = namesImported(source, (_, specifier) =>
    /^(?:node:)?crypto$/.test(specifier) ? specifier : undefined,
  );
  for (const { path, name, offset } of whole)
    if (name === "*" || name === "default")
      yield findingAt(source, offset, "world", `${path}: import by name what you need of it`);
}

function reachOf(placed: Placed): string | undefined {
  const { node, parent } = placed;
  if (node.type === "MemberExpression") {
    const member = memberName(node);
    const owner = nameOf(node.object) ?? "";
    if (member === undefined) return REACHES.has(owner) ? `${owner}[…]` : undefined;
    if (DICE.has(member)) return member;
    return REACHES.get(owner)?.has(member) ? `${owner}.${member}` : undefined;
  }
  if (node.type === "ImportSpecifier") {
    const imported = node.imported.type === "Literal" ? node.imported.value : node.imported.name;
    return DICE.has(imported) ? imported : undefined;
  }
  if (node.type === "VariableDeclarator") return takenApart(node);
  return node.type === "Identifier" && isReference(placed)
    ? underAnotherName(node.name, node, parent)
    : undefined;
}

/** `Date` may be asked (`Date.parse`), compared with and given a time; handed on, it could be asked anything. */
function underAnotherName(
  name: string,
  node: ESTree.Node,
  parent: ESTree.Node | undefined,
): string | undefined {
  if (!REACHES.has(name) || !parent || parent.type === "MemberExpression") return undefined;
  if (parent.type === "NewExpression" && parent.callee === node && parent.arguments.length > 0)
    return undefined;
  if (parent.type === "NewExpression" && parent.callee === node) return `new ${name}()`;
  if (parent.type === "BinaryExpression" && parent.operator === "instanceof") return undefined;
  // `const { now } = Date` is found by what is taken.
  if (parent.type === "VariableDeclarator" && parent.id.type === "ObjectPattern") return undefined;
  return name;
}

/** `const { now } = Date` reaches for the clock as well. */
function takenApart(node: ESTree.VariableDeclarator): string | undefined {
  if (node.id.type !== "ObjectPattern" || !node.init) return undefined;
  const owner = nameOf(node.init) ?? "";
  for (const property of node.id.properties) {
    if (property.type !== "Property") {
      if (REACHES.has(owner)) return `{ ... } = ${owner}`;
      continue;
    }
    const name = nameOf(property.key) ?? "";
    if (DICE.has(name) || REACHES.get(owner)?.has(name)) return `${owner}.${name}`;
  }
  return undefined;
}

function* timers(source: Source): Iterable<Finding> {
  const advice = "only base, worker and main wait; let a due time in a row say when";
  for (const placed of source.nodes) {
    const { node } = placed;
    const isTimer = node.type === "MemberExpression" || isReference(placed) ? nameOf(node) : undefined;
    if (isTimer !== undefined && TIMERS.has(isTimer))
      yield findingAt(source, node.start, "world", `${isTimer}: ${advice}`);
    const isDeadline =
      node.type === "MemberExpression" && nameOf(node.object) === "AbortSignal" && nameOf(node) === "timeout";
    if (isDeadline && !CALLS.has(source.path))
      yield findingAt(
        source,
        node.start,
        "world",
        "AbortSignal.timeout: a deadline belongs to a call of the outside",
      );
  }
  for (const { specifier, offset } of importsOf(source))
    if (/^(?:node:)?timers(?:\/|$)/.test(specifier))
      yield findingAt(source, offset, "world", `${specifier}: ${advice}`);
}
