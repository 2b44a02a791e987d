import type { ESTree } from "vite";
import { facesOf, moduleName, namesExported, namesImported, resolver } from "./names.ts";
import { type Finding, findingAt, GENERATED, isTestCode, type Source, type Tree } from "./source.ts";

/** What a file shows to others: by name, from where it lives, and only what somebody takes. */

/** A tool that is configured by a file wants its default export; such a file stands at the top of a workspace. */
const CONFIG = /^(?:[\w-]+\/){0,2}[\w-]+\.config\.ts$/;

const PLATFORM = /^(?:server|contract)\/src\//;

/** Called by a tool, or written for a reader to copy. */
const TAKEN_ELSEWHERE = /^server\/test\/support\/global-setup\.ts$|\/samples\/|^examples\/|\.config\.ts$/;

export function* exportsNamed(tree: Tree): Iterable<Finding> {
  const faces = facesOf(tree);
  for (const source of tree.sources) {
    const imported = importedHere(source);
    for (const { node } of source.nodes) {
      if (isDefaultExport(node) && !CONFIG.test(source.path))
        yield findingAt(source, node.start, "exports", "give it a name: there are no default exports");
      const handedOn = !faces.has(source.path) && handsOn(node, imported);
      if (node.type === "ExportAllDeclaration" || handedOn)
        yield findingAt(source, node.start, "exports", "export where it lives: a barrel hides where that is");
    }
  }
}

function isDefaultExport(node: ESTree.Node): boolean {
  if (node.type === "ExportDefaultDeclaration" || node.type === "TSExportAssignment") return true;
  return node.type === "ExportSpecifier" && moduleName(node.exported) === "default";
}

/** Names that come from another file of ours. */
function importedHere(source: Source): ReadonlySet<string> {
  return new Set(
    source.program.body.flatMap((statement) =>
      statement.type === "ImportDeclaration" && statement.source.value.startsWith(".")
        ? statement.specifiers.map((each) => each.local.name)
        : [],
    ),
  );
}

function handsOn(node: ESTree.Node, imported: ReadonlySet<string>): boolean {
  if (node.type !== "ExportNamedDeclaration") return false;
  if (node.source) return node.source.value.startsWith(".");
  return node.specifiers.some((each) => imported.has(moduleName(each.local)));
}

/**
 * A value that nobody imports is not exported, or not there; what only tests take of the platform, and nothing else uses,
 * is tested for nothing. A type may stay exported as the shape of what a function takes, while its own file names it.
 */
export function* deadExports(tree: Tree): Iterable<Finding> {
  const takers = takersOf(tree);
  const faces = facesOf(tree);
  for (const source of tree.sources) {
    if (faces.has(source.path) || GENERATED.has(source.path) || TAKEN_ELSEWHERE.test(source.path)) continue;
    for (const { name, offset, isType } of namesExported(source)) {
      const by = [`${source.path}#${name}`, `${source.path}#*`].flatMap((key) => takers.get(key) ?? []);
      if (by.length > 0 && !by.every((path) => isForTests(path, takers))) continue;
      const isUsedHere = isNamedAgain(source, name);
      if (by.length === 0 && !(isType && isUsedHere)) {
        const advice = `nobody imports ${name}: remove ${isUsedHere ? "`export`" : "it"}`;
        yield findingAt(source, offset, "exports", advice);
      } else if (
        by.length > 0 &&
        !isUsedHere &&
        PLATFORM.test(source.path) &&
        !isForTests(source.path, takers)
      ) {
        const advice = `only tests use ${name}: test what is used instead, and remove it`;
        yield findingAt(source, offset, "exports", advice);
      }
    }
  }
}

/** The files that take a name, by `path#name`, and that take anything, by `path`. */
function takersOf(tree: Tree): ReadonlyMap<string, readonly string[]> {
  const resolve = resolver(tree);
  const takers = new Map<string, string[]>();
  for (const source of tree.sources)
    for (const { path, name } of namesImported(source, resolve))
      for (const key of [path, `${path}#${name}`]) {
        const known = takers.get(key);
        if (known) known.push(source.path);
        else takers.set(key, [source.path]);
      }
  return takers;
}

/** A test, or what nothing but tests takes, by whatever way; `tools` and `bench` are run by people. */
function isForTests(
  path: string,
  takers: ReadonlyMap<string, readonly string[]>,
  way: readonly string[] = [],
): boolean {
  if (isTestCode(path) || way.includes(path)) return true;
  const by = PLATFORM.test(path) ? (takers.get(path) ?? []) : [];
  return by.length > 0 && by.every((taker) => isForTests(taker, takers, [...way, path]));
}

function isNamedAgain(source: Source, name: string): boolean {
  let times = 0;
  for (const { node } of source.nodes)
    if ((node.type === "Identifier" || node.type === "JSXIdentifier") && node.name === name) times += 1;
  return times > 1;
}
