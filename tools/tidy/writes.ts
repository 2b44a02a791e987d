import type { ESTree } from "vite";
import { isReference, nameOf, namesImported, resolver } from "./names.ts";
import { type Finding, findingAt, isServerCode, type Source, type Tree } from "./source.ts";
import { isWrite, statements } from "./statements.ts";

/** Who may change the platform's rows (ARCHITECTURE.md, rungs and nouns): flows do, and the api calls one. */

/** The sandbox has books of its own; main makes sure of what the environment names, before anything is served. */
const MAY_OPEN =
  /^server\/src\/(?:flows\/|processors\/sandbox\/|store\/database\.ts$|main\/environment\.ts$)/;

export function* apiWrites(tree: Tree): Iterable<Finding> {
  const writers = writersOf(tree);
  const resolve = resolver(tree);
  for (const source of tree.sources) {
    if (!isServerCode(source.path) || !source.path.startsWith("server/src/api/")) continue;
    for (const { path, name, offset, typeOnly } of namesImported(source, resolve)) {
      const isWhole = name === "*" && path.startsWith("server/src/store/");
      if (!typeOnly && (isWhole || writers.has(`${path}#${name}`)))
        yield findingAt(source, offset, "api-writes", `the api does not write: let a flow call ${name}`);
    }
  }
}

export function* transactions({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!isServerCode(source.path) || MAY_OPEN.test(source.path)) continue;
    for (const { node } of source.nodes)
      if (node.type === "MemberExpression" && nameOf(node) === "transaction")
        yield findingAt(source, node.start, "transactions", "only flows open a transaction: call one");
  }
}

interface Declared {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** The functions of the store that write, themselves or by one that they call, as `path#name`. */
function writersOf(tree: Tree): ReadonlySet<string> {
  const resolve = resolver(tree);
  const writers = new Set<string>();
  const callers = new Map<string, string[]>();
  for (const [source, written] of statements(tree)) {
    const imported = new Map(
      namesImported(source, resolve).map(({ path, name, local }) => [local ?? name, `${path}#${name}`]),
    );
    const declared = declaredIn(source);
    const around = (offset: number) => declared.find(({ start, end }) => start <= offset && offset < end);
    for (const { text, offset } of written) {
      const writer = around(offset);
      if (writer && isWrite(text)) writers.add(writer.key);
    }
    for (const placed of source.nodes) {
      if (!isReference(placed)) continue;
      const name = nameOf(placed.node) ?? "";
      const called = imported.get(name) ?? `${source.path}#${name}`;
      const caller = around(placed.node.start);
      if (caller) callers.set(called, [...(callers.get(called) ?? []), caller.key]);
    }
  }
  for (const writer of writers) for (const caller of callers.get(writer) ?? []) writers.add(caller);
  return writers;
}

/** What a file declares outermost. */
function declaredIn(source: Source): Declared[] {
  return source.program.body.flatMap((statement): Declared[] => {
    const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    return (node ? declarationsOf(node) : []).map(({ name, of }) => ({
      key: `${source.path}#${name}`,
      start: of.start,
      end: of.end,
    }));
  });
}

function declarationsOf(node: ESTree.Node): { name: string; of: ESTree.Node }[] {
  if (node.type === "VariableDeclaration")
    return node.declarations.map((each) => ({ name: nameOf(each.id) ?? "", of: each }));
  return "id" in node && node.id?.type === "Identifier" ? [{ name: node.id.name, of: node }] : [];
}
