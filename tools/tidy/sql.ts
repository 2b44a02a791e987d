import type { ESTree } from "vite";
import { UNDISTRIBUTED } from "../schema/account-first.ts";
import { importsOf } from "./modules.ts";
import { isReference, nameOf, namesImported } from "./names.ts";
import { type Finding, findingAt, isServerCode, isTest, lineOf, type Source, type Tree } from "./source.ts";
import {
  HOME,
  isSqlTemplate,
  isStatement,
  isWrite,
  MIGRATE,
  statements,
  tablesIn,
  uncommented,
} from "./statements.ts";

/**
 * SQL is visible, stands where it is looked for, keeps to its party's tables, names the account, and asks the database
 * for nothing that a distributed PostgreSQL could not give (ARCHITECTURE.md, "The account comes first").
 */

const TAG_FILE = "server/src/store/sql.ts";

/** What lies in `"sandbox".…` is the sandbox's; the auditor alone reads both, to compare them. */
const SANDBOX = /^server\/src\/processors\/sandbox\//;
const STORE = /^server\/src\/store\//;

const ALL_ACCOUNTS = /(?:--|\/\*)\s*all accounts:\s*\S/;
const LOCKS = /\bfor\s+no\s+key\s+update\b/i;

const BIND_TIME = "bind the time as a parameter";
const BIND_CHANCE = "bind what is random as a parameter";
const GIVE_ID = "let the application give the id";

/** What the schema and its statements do without, and what to do instead. */
const UNPORTABLE: readonly (readonly [RegExp, string])[] = [
  [/\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|age)\s*\(/i, BIND_TIME],
  [/\b(?:current_timestamp|current_date|current_time|localtimestamp|localtime)\b/i, BIND_TIME],
  [
    /\b(?:random|random_normal|gen_random_uuid|gen_random_bytes|uuid_generate_v\d|uuidv[47])\s*\(/i,
    BIND_CHANCE,
  ],
  [/\btablesample\b/i, BIND_CHANCE],
  [
    /\b(?:nextval|currval|lastval)\s*\(|\b(?:big|small)?serial\b|\bas\s+identity\b|\bcreate\s+sequence\b/i,
    GIVE_ID,
  ],
  [/\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\b/i, "write it in the flow, not in a trigger"],
  [
    /\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure|rule)\b|\bdo\s+\$/i,
    "write it in the flow or the store",
  ],
  [/\bas\s+enum\b|\bcreate\s+type\b/i, "use text with a check constraint"],
  [/\bdeferrable\b|\binitially\s+deferred\b/i, "order the writes so that every statement leaves it whole"],
  [/\bpg_(?:try_)?advisory_/i, "claim by compare and set, not by an advisory lock"],
  [
    /\bfor\s+(?:update|share|key\s+share)\b|\bskip\s+locked\b/i,
    "claim by compare and set; a row of one account may be held by `for no key update`",
  ],
  [
    /^\s*(?:listen|unlisten|notify)\s|\bpg_notify\s*\(/im,
    "rows are the queue: wake the worker in the process",
  ],
  [
    /^\s*(?:set\s+(?:session|role|\w+\s+to)|reset|discard|prepare|declare|lock\s+table)\s|\bset_config\s*\((?![^)]*,\s*true\s*\))|\bcreate\s+temp/im,
    "keep nothing in the session: connections are shared",
  ],
];

/** Written in quotes, so looked for before quoted text is blanked. */
const TIME_WORD =
  /'(?:now|today|tomorrow|yesterday)'\s*::|\b(?:date|timestamptz?)\s+'(?:now|today|tomorrow|yesterday)'/i;

/** How a statement of the code is written, beside what every statement does without. */
const UNSIGHTLY: readonly (readonly [RegExp, string])[] = [
  [/\bselect\s+(?:distinct\s+)?\*|(?<![\w)])[a-z_]\w*\.\*/i, "name the columns"],
  [/\b(?:SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|SET|JOIN|VALUES|RETURNING)\b/, "write SQL in lower case"],
];

export function* sqlPlace({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    const watched = isServerCode(source.path) || (source.path.startsWith("cli/") && !isTest(source.path));
    if (!watched || source.path === MIGRATE) continue;
    if (HOME.test(source.path)) yield* pasted(source);
    else yield* outOfPlace(source);
  }
}

const PLACE = "SQL stands in server/src/store, audit or processors/sandbox; call a function from there";

function* outOfPlace(source: Source): Iterable<Finding> {
  for (const { specifier, offset } of importsOf(source))
    if (/^sql-template-tag$|\/store\/sql\.ts$/.test(specifier))
      yield findingAt(source, offset, "sql-place", PLACE);
  for (const { node, parent } of source.nodes) {
    if (parent?.type === "TaggedTemplateExpression" || isPartOfText(parent)) continue;
    const asks = readsRows(textOf(node));
    // Only main speaks to a PostgreSQL outside the store: to its own, before there is a database.
    const runs =
      node.type === "CallExpression" &&
      node.callee.type === "MemberExpression" &&
      nameOf(node.callee) === "query" &&
      !source.path.startsWith("server/src/main/");
    if (isSqlTemplate(node) || asks || runs) yield findingAt(source, node.start, "sql-place", PLACE);
  }
}

/** In its place, too, SQL is written in the `sql` template alone, so that what is bound is bound and all rules see it. */
function* pasted(source: Source): Iterable<Finding> {
  const advice = "write it in the `sql` template, under this name, so that values are bound and rules see it";
  if (source.path !== TAG_FILE)
    for (const { name, local, offset } of namesImported(source, tagOf)) {
      const isTag = name === "default" || name === "sql" || name === "*";
      if (isTag ? local !== "sql" || name === "*" : !/^(?:empty|Sql)$/.test(name))
        yield findingAt(source, offset, "sql-place", advice);
    }
  for (const placed of source.nodes) {
    const { node, parent } = placed;
    const aliased =
      isReference(placed) && nameOf(node) === "sql" && parent?.type !== "TaggedTemplateExpression";
    const made = node.type === "NewExpression" && nameOf(node.callee) === "Sql";
    const inTemplate = parent?.type === "TaggedTemplateExpression" || isPartOfText(parent);
    if (aliased || made || (!inTemplate && readsRows(textOf(node))))
      yield findingAt(source, node.start, "sql-place", advice);
  }
}

function tagOf(_from: string, specifier: string): string | undefined {
  return /^sql-template-tag$|(?:^|\/)sql\.ts$/.test(specifier) ? TAG_FILE : undefined;
}

export function* sqlTables(tree: Tree): Iterable<Finding> {
  const known = tablesOf(tree);
  for (const [source, written] of statements(tree))
    for (const { text, offset } of written) {
      const tables = tablesIn(text).map((table) => table.replace(/^public\./, ""));
      const isSandboxs = (table: string) => table.startsWith("sandbox.");
      if (SANDBOX.test(source.path) && tables.some((table) => known.has(table) && !isSandboxs(table)))
        yield findingAt(
          source,
          offset,
          "sql-tables",
          "a processor is another party: it has no platform tables",
        );
      if (STORE.test(source.path) && tables.some(isSandboxs))
        yield findingAt(source, offset, "sql-tables", "the sandbox's books are its own: ask the processor");
      if (source.path.startsWith("server/src/audit/") && isWrite(text))
        yield findingAt(source, offset, "sql-tables", "the auditor only reads");
    }
}

/** Every table of the schema; a function, a part of a statement or a column after `from` is none. */
function tablesOf(tree: Tree): ReadonlySet<string> {
  const schema = tree.texts.get("server/schema.sql") ?? "";
  return new Set([...schema.matchAll(/^create table ([\w.]+)/gm)].map(([, name]) => name ?? ""));
}

export function* sqlAccount(tree: Tree): Iterable<Finding> {
  const distributed = new Set([...tablesOf(tree)].filter((table) => !UNDISTRIBUTED.has(table)));
  for (const [source, written] of statements(tree)) {
    if (source.path === MIGRATE) continue;
    const isAudit = source.path.startsWith("server/src/audit/");
    for (const { text, written: withComments, offset } of written) {
      const servesAll = ALL_ACCOUNTS.test(withComments);
      const tables = isStatement(text) ? tablesIn(text).filter((table) => distributed.has(table)) : [];
      const isTied = tables.length === 0 || (isAudit ? ACCOUNT.test(text) : tiesEach(text, tables.length));
      if (LOCKS.test(text) && !ONE_ACCOUNT.test(text))
        yield findingAt(
          source,
          offset,
          "sql-account",
          "holds rows of more than one account: name the account",
        );
      if (!isTied && !servesAll)
        yield findingAt(
          source,
          offset,
          "sql-account",
          "does not tie each of its tables to an account: bind account_id, or say in the statement why not (`-- all accounts: …`)",
        );
    }
  }
}

const ACCOUNT = /\baccount_id\b/;
const ONE_ACCOUNT = /\baccount_id\s*=\s*\?/i;
const BOUND = /\baccount_id\s*=\s*(?:any\s*\(\s*)?\?/i;
const TIED = /(?<!\bset\s+)\baccount_id\s*=|\busing\s*\(\s*account_id\b/gi;
const INSERTED = /\binsert\s+into\s+[\w.]+(?:\s+as\s+\w+)?\s*\(([^)]*)\)/gi;

/**
 * Each table is tied to an account by a condition, or by the column of the row that is written, and one of them by what
 * is bound. The auditor looks at all accounts at once: there it is enough that the account is named.
 */
function tiesEach(text: string, tables: number): boolean {
  const given = [...text.matchAll(INSERTED)].filter(([, columns]) => ACCOUNT.test(columns ?? "")).length;
  return [...text.matchAll(TIED)].length + given >= tables && (given > 0 || BOUND.test(text));
}

export function* sqlPortable(tree: Tree): Iterable<Finding> {
  for (const [source, written] of statements(tree)) {
    if (source.path === MIGRATE) continue;
    for (const { text, written: withComments, offset } of written) {
      for (const [pattern, instead] of [...UNPORTABLE, ...UNSIGHTLY])
        if (pattern.test(text)) yield findingAt(source, offset, "sql-portable", instead);
      if (TIME_WORD.test(withComments)) yield findingAt(source, offset, "sql-portable", BIND_TIME);
    }
  }
  for (const [path, text] of tree.texts) {
    if (!/^server\/migrations\/.+\.sql$/.test(path)) continue;
    const bare = uncommented(text);
    for (const [pattern, instead] of [...UNPORTABLE, [TIME_WORD, BIND_TIME] as const]) {
      const at = (pattern === TIME_WORD ? text : bare).search(pattern);
      if (at !== -1) yield { path, line: lineOf(bare, at), rule: "sql-portable", advice: instead };
    }
  }
}

function readsRows(text: string | undefined): boolean {
  return text !== undefined && isStatement(text) && tablesIn(text).length > 0;
}

/** What a string, a template or a sum of them says, its values replaced by `?`. */
function textOf(node: ESTree.Node): string | undefined {
  if (node.type === "TemplateLiteral") return node.quasis.map((quasi) => quasi.value.raw).join("?");
  if (node.type === "BinaryExpression" && node.operator === "+") {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined && right === undefined ? undefined : `${left ?? "?"}${right ?? "?"}`;
  }
  const isJoin = node.type === "CallExpression" && nameOf(node.callee) === "join";
  if (isJoin && node.callee.type === "MemberExpression" && node.callee.object.type === "ArrayExpression")
    return node.callee.object.elements.map((each) => (each ? (textOf(each) ?? "?") : "")).join(" ");
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/** A part of a sum is looked at with the whole. */
function isPartOfText(parent: ESTree.Node | undefined): boolean {
  return parent?.type === "BinaryExpression" && parent.operator === "+";
}
