import { posix } from "node:path";
import type { ESTree } from "vite";
import { isRecord, type Placed, parseJson, type Source, type Tree } from "./source.ts";

/** What names mean: the file that a specifier leads to, what a file imports and exports, and which packages have a face. */

/** A name that one file takes from another of ours. `name` is `*` for all of it. */
export interface ImportedName {
  /** The repository's path of the file that it is taken from. */
  readonly path: string;
  readonly name: string;
  /** What it is called here; undefined where it is only handed on. */
  readonly local: string | undefined;
  readonly offset: number;
  readonly typeOnly: boolean;
}

export interface ExportedName {
  readonly name: string;
  readonly offset: number;
  /** A type or an interface: nothing is left of it at run time. */
  readonly isType: boolean;
}

/** Finds the file that a specifier means; undefined for what is not ours. */
export type Resolve = (from: string, specifier: string) => string | undefined;

/** Each `exports` of a package.json of ours, as a pair of what is imported and the file; both may have one `*`. */
function exportsOf(tree: Tree): [string, string][] {
  const found: [string, string][] = [];
  for (const [path, text] of tree.texts) {
    if (posix.basename(path) !== "package.json") continue;
    const manifest = parseJson(text);
    if (!isRecord(manifest) || !isRecord(manifest["exports"]) || typeof manifest["name"] !== "string")
      continue;
    for (const [key, entry] of Object.entries(manifest["exports"])) {
      const file = isRecord(entry) ? entry["default"] : entry;
      if (typeof file !== "string") continue;
      const target = sourceOf(tree, posix.join(posix.dirname(path), file));
      found.push([posix.join(manifest["name"], key), target]);
    }
  }
  return found;
}

/** What is built into `dist` has its source in `src`, or at the place of the same name. */
function sourceOf(tree: Tree, file: string): string {
  const candidates = ["/src/", "/"].map((folder) => file.replace("/dist/", folder).replace(/\.js$/, ".ts"));
  return candidates.find((path) => tree.paths.has(path)) ?? file;
}

export function resolver(tree: Tree): Resolve {
  const entries = exportsOf(tree);
  return (from, specifier) => {
    if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
    for (const [key, file] of entries) {
      const [before = "", after] = key.split("*");
      if (after === undefined ? specifier === key : specifier.startsWith(before))
        return file.replace("*", specifier.slice(before.length));
    }
    return undefined;
  };
}

/** The files that a package shows to others one by one: their exports are for whoever installs it. */
export function facesOf(tree: Tree): ReadonlySet<string> {
  return new Set(exportsOf(tree).flatMap(([key, file]) => (key.includes("*") ? [] : [file])));
}

export function namesImported(source: Source, resolve: Resolve): ImportedName[] {
  return source.links.flatMap((node) => {
    const specifier = "source" in node && node.source?.type === "Literal" ? node.source.value : undefined;
    const path = typeof specifier === "string" ? resolve(source.path, specifier) : undefined;
    return path === undefined ? [] : namesOf(node).map((name) => ({ ...name, path, offset: node.start }));
  });
}

type Name = Pick<ImportedName, "name" | "local" | "typeOnly">;

function namesOf(node: ESTree.Node): Name[] {
  if (node.type === "ImportDeclaration")
    return node.specifiers.map((each) => {
      const typeOnly =
        node.importKind === "type" || (each.type === "ImportSpecifier" && each.importKind === "type");
      const local = each.local.name;
      if (each.type === "ImportSpecifier") return { name: moduleName(each.imported), local, typeOnly };
      return { name: each.type === "ImportDefaultSpecifier" ? "default" : "*", local, typeOnly };
    });
  if (node.type === "ExportNamedDeclaration")
    return node.specifiers.map((each) => ({
      name: moduleName(each.local),
      local: undefined,
      typeOnly: node.exportKind === "type" || each.exportKind === "type",
    }));
  const whole = ["ImportExpression", "TSImportType", "ExportAllDeclaration"].includes(node.type);
  return whole ? [{ name: "*", local: undefined, typeOnly: node.type === "TSImportType" }] : [];
}

/** What a file exports by name, without what it hands on from another. */
export function namesExported(source: Source): ExportedName[] {
  return source.program.body.flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration" || statement.source) return [];
    const found = new Map<string, ExportedName>();
    const add = (name: string, offset: number, isType: boolean) => found.set(name, { name, offset, isType });
    for (const each of statement.specifiers)
      add(
        moduleName(each.exported),
        each.start,
        statement.exportKind === "type" || each.exportKind === "type",
      );
    const declared = statement.declaration;
    if (declared?.type === "VariableDeclaration")
      for (const { id } of declared.declarations) for (const name of boundBy(id)) add(name, id.start, false);
    else if (declared && "id" in declared && declared.id?.type === "Identifier")
      add(declared.id.name, declared.id.start, declared.type.startsWith("TS"));
    return [...found.values()];
  });
}

/** `a` and `b` of `const { a, b } = …`. */
function boundBy(pattern: ESTree.Node): string[] {
  if (pattern.type === "Identifier") return [pattern.name];
  if (pattern.type === "ObjectPattern")
    return pattern.properties.flatMap((each) =>
      boundBy(each.type === "Property" ? each.value : each.argument),
    );
  if (pattern.type === "ArrayPattern") return pattern.elements.flatMap((each) => (each ? boundBy(each) : []));
  return pattern.type === "AssignmentPattern" ? boundBy(pattern.left) : [];
}

export function moduleName(name: ESTree.ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}

/** The last name of `a`, `b.a` and `b["a"]`. */
export function nameOf(node: ESTree.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "MemberExpression" ? memberName(node) : undefined;
}

export function memberName(node: ESTree.MemberExpression): string | undefined {
  if (!node.computed) return node.property.name;
  const key = node.property;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : undefined;
}

/** True where an identifier stands for the thing of its name, and is no key, no type and no name of an import. */
export function isReference({ node, parent }: Placed): boolean {
  if (node.type !== "Identifier" || !parent) return false;
  if (/^TS(?!As|NonNull|Satisfies)|^(?:Import|Export)/.test(parent.type)) return false;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  const keyed = ["Property", "MethodDefinition", "PropertyDefinition"].includes(parent.type);
  if (keyed && "key" in parent && parent.key === node)
    return "shorthand" in parent && parent.shorthand === true;
  return !("id" in parent && parent.id === node);
}
