import type { ESTree } from "vite";
import { UNDISTRIBUTED } from "../schema/account-first.ts";
import { importsOf } from "./modules.ts";
import { type Finding, findingAt, isServerCode, isTest, lineOf, type Source, type Tree } from "./source.ts";
import { nameOf } from "./world.ts";

/**
 * SQL is visible, stands where it is looked for, names the account, and asks the database for nothing that a
 * distributed PostgreSQL could not give (ARCHITECTURE.md, account_id everywhere).
 */

const HOME = /^server\/src\/(?:store|audit|processors\/sandbox)\//;

/** Rows are read and changed by statements that begin like this; a sentence that begins with "Select a" is none. */
const STATEMENT =
  /^\s*(?:with\s+(?:recursive\s+)?\w+[^;]{0,200}?\sas\s|select\s[\s\S]+?\sfrom\s|insert\s+into\s|update\s+[\w.]+(?:\s+(?:as\s+)?\w+)?\s+set\s|delete\s+from\s)/i;

/** Tables that a statement names; set-returning functions and the catalogs are none. */
const TABLES =
  /\b(?:from|join|into|update)\s+(?:only\s+)?(?!pg_|information_schema|unnest|generate_series|jsonb?_)([a-z_][\w.]*)/gi;
const ALL_ACCOUNTS = /--\s*all accounts:\s*\S/;

/** What the schema and its statements do without, and what to do instead. */
const UNPORTABLE: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(/i,
    "bind the time as a parameter",
  ],
  [/\b(?:current_timestamp|current_date|current_time|localtimestamp)\b/i, "bind the time as a parameter"],
  [/\b(?:random|gen_random_uuid|gen_random_bytes|uuidv[47])\s*\(/i, "bind what is random as a parameter"],
  [/\bnextval\s*\(|\b(?:big|small)?serial\b|\bas\s+identity\b/i, "let the application give the id"],
  [/\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\b/i, "write it in the flow, not in a trigger"],
  [/\bas\s+enum\b/i, "use text with a check constraint"],
  [/\bdeferrable\b|\binitially\s+deferred\b/i, "order the writes so that every statement leaves it whole"],
  [/\bpg_(?:try_)?advisory_/i, "claim by compare and set, not by an advisory lock"],
];

/** One process migrates at a time, before any payment is taken: its lock is nobody's queue. */
const MIGRATE = "server/src/store/migrate.ts";

export function* sqlPlace({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    const watched = isServerCode(source.path) || (source.path.startsWith("cli/") && !isTest(source.path));
    if (!watched || HOME.test(source.path)) continue;
    const advice = "SQL stands in server/src/store, audit or processors/sandbox; call a function from there";
    for (const { specifier, offset } of importsOf(source))
      if (specifier === "sql-template-tag") yield findingAt(source, offset, "sql-place", advice);
    for (const { node, parent } of source.nodes) {
      if (parent?.type === "TaggedTemplateExpression") continue;
      const tagged = node.type === "TaggedTemplateExpression" && nameOf(node.tag) === "sql";
      const written = textOf(node);
      const asks = written !== undefined && STATEMENT.test(written) && tablesIn(written).length > 0;
      if (tagged || asks) yield findingAt(source, node.start, "sql-place", advice);
    }
  }
}

export function* sqlAccount({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!HOME.test(source.path) || isTest(source.path) || source.path === MIGRATE) continue;
    for (const { text, offset } of statementsOf(source)) {
      const bare = uncommented(text);
      if (!STATEMENT.test(bare) || tablesIn(bare).every((table) => UNDISTRIBUTED.has(table))) continue;
      if (/\baccount_id\b/.test(bare) || ALL_ACCOUNTS.test(text)) continue;
      yield findingAt(
        source,
        offset,
        "sql-account",
        "names no account_id: add it, or say in the statement why not (`-- all accounts: …`)",
      );
    }
  }
}

export function* sqlPortable({ sources, texts }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!HOME.test(source.path) || isTest(source.path) || source.path === MIGRATE) continue;
    for (const { text, offset } of statementsOf(source))
      for (const [pattern, instead] of UNPORTABLE)
        if (pattern.test(uncommented(text))) yield findingAt(source, offset, "sql-portable", instead);
  }
  for (const [path, text] of texts) {
    if (!/^server\/migrations\/.+\.sql$/.test(path)) continue;
    const bare = uncommented(text);
    for (const [pattern, instead] of UNPORTABLE) {
      const at = bare.search(pattern);
      if (at !== -1) yield { path, line: lineOf(bare, at), rule: "sql-portable", advice: instead };
    }
  }
}

/** What a string or a template says, its values replaced by `?`. */
function textOf(node: ESTree.Node): string | undefined {
  if (node.type === "TemplateLiteral") return node.quasis.map((quasi) => quasi.value.raw).join("?");
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

function tablesIn(statement: string): string[] {
  return [...statement.matchAll(TABLES)].map((match) => match[1] ?? "");
}

/** The text of each `sql` template, its values replaced by `?`. */
function statementsOf(source: Source): { text: string; offset: number }[] {
  return source.nodes.flatMap(({ node }) =>
    node.type === "TaggedTemplateExpression" && nameOf(node.tag) === "sql"
      ? [{ text: textOf(node.quasi) ?? "", offset: node.start }]
      : [],
  );
}

/** Blanks comments and quoted text out, keeping every line where it was. */
function uncommented(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (part) => part.replace(/[^\n]/g, " "));
}
