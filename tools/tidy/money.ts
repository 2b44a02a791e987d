import type { ESTree } from "vite";
import { nameOf } from "./names.ts";
import { childrenOf, type Finding, findingAt, isTestCode, type Tree } from "./source.ts";

/** Money is a bigint of minor units and a decimal string on the wire, a float never: no number is made of it. */

const WATCHED = /^(?:server|contract|sdk|cli)\/src\//;
const MONEY =
  /^(?:amount|tax|discount|price|refunded|minor|money|fee|total|balance)$|(?:Amount|Price|Minor|Total)$/;

const MAKES_A_NUMBER = new Set(["Number", "parseFloat", "parseInt"]);
const ROUNDS = new Set(["round", "floor", "ceil", "trunc"]);

export function* money({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!WATCHED.test(source.path) || isTestCode(source.path)) continue;
    for (const { node } of source.nodes)
      if (losesMoney(node))
        yield findingAt(
          source,
          node.start,
          "money",
          "keep it a bigint of minor units: a number loses some of it",
        );
  }
}

function losesMoney(node: ESTree.Node): boolean {
  if (node.type === "UnaryExpression") return node.operator === "+" && speaksOfMoney(node.argument);
  // `amount: number` is a shape that holds a float.
  if (node.type === "TSPropertySignature")
    return isMoney(nameOf(node.key)) && node.typeAnnotation?.typeAnnotation.type === "TSNumberKeyword";
  if (node.type !== "CallExpression") return false;
  const called = nameOf(node.callee) ?? "";
  const onMath = node.callee.type === "MemberExpression" && nameOf(node.callee.object) === "Math";
  if (called === "toFixed" && node.callee.type === "MemberExpression")
    return speaksOfMoney(node.callee.object);
  return (MAKES_A_NUMBER.has(called) || (onMath && ROUNDS.has(called))) && node.arguments.some(speaksOfMoney);
}

function speaksOfMoney(node: ESTree.Node): boolean {
  if (isMoney(nameOf(node))) return true;
  // `amount.length` is no amount, and neither is what a function makes of one.
  if (node.type === "MemberExpression" || node.type === "CallExpression") return false;
  return childrenOf(node).some(speaksOfMoney);
}

function isMoney(name: string | undefined): boolean {
  return name !== undefined && MONEY.test(name);
}
