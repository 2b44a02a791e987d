import type { ESTree } from "vite";
import { nameOf, namesImported, resolver } from "./names.ts";
import { childrenOf, isTest, type Source, type Tree } from "./source.ts";

/**
 * What the `sql` templates say when their fragments stand in their places, as far as it can be read without running
 * anything: `${columns}` by what `const columns` holds, `${whose(look)}` by what the function gives back.
 */

/** Where SQL stands. */
export const HOME = /^server\/src\/(?:store|audit|processors\/sandbox)\//;

/** One process migrates at a time, before any payment is taken, by statements of the migrations' own manner. */
export const MIGRATE = "server/src/store/migrate.ts";

/** Rows are read and changed by statements that begin like this; a sentence that begins with "Select a" is none. */
const STATEMENT =
  /^\s*(?:with\s+(?:recursive\s+)?\w+[^;]{0,200}?\sas\s|select\s[\s\S]+?\sfrom\s|insert\s+into\s|update\s+[\w.]+(?:\s+(?:as\s+)?\w+)?\s+set\s|delete\s+from\s)/i;

/** Names that stand where tables do; set-returning functions and the catalogs are none. */
const TABLES =
  /\b(?:from|join|into|update|using)\s+(?:only\s+)?(?!pg_|information_schema|unnest|generate_series|jsonb?_)([a-z_][\w.]*)/gi;

const WRITE = /\b(?:insert\s+into|delete\s+from|update\s+[\w.]+(?:\s+(?:as\s+)?\w+)?\s+set)\s/i;

export interface Statement {
  /** Comments and quoted text blanked out, what is bound as `?`. */
  readonly text: string;
  /** With its comments. */
  readonly written: string;
  readonly offset: number;
}

/** Every outermost `sql` template, whole or a fragment, of each file where SQL stands. */
export function statements(tree: Tree): ReadonlyMap<Source, readonly Statement[]> {
  const known = read.get(tree) ?? readStatements(tree);
  read.set(tree, known);
  return known;
}

/** Several rules ask for them. */
const read = new WeakMap<Tree, ReadonlyMap<Source, readonly Statement[]>>();

function readStatements(tree: Tree): ReadonlyMap<Source, readonly Statement[]> {
  const homes = tree.sources.filter(({ path }) => HOME.test(path) && !isTest(path));
  const fragments = new Fragments(tree, homes);
  return new Map(
    homes.map((source) => [
      source,
      outermost(source.program).map((template) => {
        const written = fragments.assemble(source, template.quasi);
        return { written, text: uncommented(written), offset: template.start };
      }),
    ]),
  );
}

export function isStatement(text: string): boolean {
  return STATEMENT.test(text);
}

/** Also where only a part of it writes. */
export function isWrite(text: string): boolean {
  return WRITE.test(text);
}

export function tablesIn(statement: string): string[] {
  return [...statement.matchAll(TABLES)].map((match) => match[1] ?? "");
}

export function isSqlTemplate(node: ESTree.Node): node is ESTree.TaggedTemplateExpression {
  return node.type === "TaggedTemplateExpression" && nameOf(node.tag) === "sql";
}

/** Blanks comments and quoted text out, keeping every line where it was. */
export function uncommented(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (part) => part.replace(/[^\n]/g, " "));
}

/** What may stand in a template: by the file that declares it, and its name there. */
class Fragments {
  readonly #declared = new Map<string, Map<string, ESTree.Node>>();
  readonly #imported = new Map<string, Map<string, { path: string; name: string }>>();
  /** Fragments that name themselves are none. */
  readonly #open = new Set<ESTree.Node>();

  constructor(tree: Tree, homes: readonly Source[]) {
    const resolve = resolver(tree);
    for (const source of homes) {
      const declared = new Map<string, ESTree.Node>();
      for (const { node } of source.nodes) {
        if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.init)
          declared.set(node.id.name, node.init);
        if (node.type === "FunctionDeclaration" && node.id) declared.set(node.id.name, node);
      }
      this.#declared.set(source.path, declared);
      const imported = namesImported(source, resolve).map(
        ({ path, name, local }) => [local ?? name, { path, name }] as const,
      );
      this.#imported.set(source.path, new Map(imported));
    }
  }

  assemble(source: { readonly path: string }, template: ESTree.TemplateLiteral): string {
    return template.quasis
      .map((quasi, index) => {
        const value = template.expressions[index];
        return quasi.value.raw + (value ? this.#say(source.path, value) : "");
      })
      .join("");
  }

  /** `?` for what is bound. Of what is there only sometimes, no mention of the account counts. */
  #say(path: string, value: ESTree.Node): string {
    if (isSqlTemplate(value)) return this.assemble({ path }, value.quasi);
    if (value.type === "ConditionalExpression")
      return this.#either(path, [value.consequent, value.alternate]);
    const name = value.type === "CallExpression" ? nameOf(value.callee) : nameOf(value);
    const isPlain =
      value.type === "Identifier" || (value.type === "CallExpression" && value.callee.type === "Identifier");
    if (name === undefined || !isPlain) return "?";
    const from = this.#imported.get(path)?.get(name) ?? { path, name };
    const declared = this.#declared.get(from.path)?.get(from.name);
    if (!declared || this.#open.has(declared)) return "?";
    this.#open.add(declared);
    const said = isFunction(declared)
      ? this.#either(from.path, answersOf(declared))
      : this.#say(from.path, declared);
    this.#open.delete(declared);
    return said;
  }

  #either(path: string, values: readonly ESTree.Node[]): string {
    const said = values.map((value) => this.#say(path, value));
    const texts = said.filter((text) => text !== "?");
    if (texts.length === 0) return "?";
    return values.length === 1
      ? texts.join()
      : texts.join(" ").replaceAll("account_id", "perhaps_account_id");
  }
}

function isFunction(node: ESTree.Node): node is ESTree.Function | ESTree.ArrowFunctionExpression {
  return ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].includes(node.type);
}

/** What a function gives back, at each of its ends. */
function answersOf(node: ESTree.Function | ESTree.ArrowFunctionExpression): ESTree.Node[] {
  if (!node.body) return [];
  if (node.body.type !== "BlockStatement") return [node.body];
  return within(node.body, (each) => each.type === "ReturnStatement").flatMap((each) =>
    each.type === "ReturnStatement" && each.argument ? [each.argument] : [],
  );
}

function outermost(root: ESTree.Node): ESTree.TaggedTemplateExpression[] {
  return within(root, isSqlTemplate).filter(isSqlTemplate);
}

/** The nodes below `root` that are wanted, and nothing from within them. */
function within(root: ESTree.Node, wanted: (node: ESTree.Node) => boolean): ESTree.Node[] {
  return childrenOf(root).flatMap((child) => (wanted(child) ? [child] : within(child, wanted)));
}
