import type { Catalog, Column, Constraint, Index, Relation } from "./catalog.ts";

/** Writes a catalog as SQL to be read: a table with all that belongs to it, comments above what they speak of. */

const HEADER = `-- The schema after all migrations, read from the catalogs of a database that they were run on.
-- Written by \`npx node tools/dump-schema.ts\` and compared by \`npm run check\`. For reading: what runs is migrations/.
`;

export function renderSchema(catalog: Catalog): string {
  const parts = [HEADER];
  for (const { name, comment } of catalog.schemas)
    if (name !== "public") parts.push(`${remark(comment, "")}create schema ${name};\n`);
  for (const { definition } of catalog.others) parts.push(`${definition.trimEnd()};\n`);
  for (const relation of catalog.relations) {
    const ofIt = <Part extends { readonly relation: string }>(all: readonly Part[]): Part[] =>
      all.filter((part) => part.relation === relation.relation);
    parts.push(
      relation.kind === "table"
        ? renderTable(relation, ofIt(catalog.columns), ofIt(catalog.constraints), ofIt(catalog.indexes))
        : renderView(relation, ofIt(catalog.indexes)),
    );
  }
  return parts.join("\n");
}

function renderTable(
  table: Relation,
  columns: readonly Column[],
  constraints: readonly Constraint[],
  indexes: readonly Index[],
): string {
  const nameWidth = Math.max(0, ...columns.map((column) => column.name.length));
  const typeWidth = Math.max(0, ...columns.map((column) => column.type.length));
  const members = [
    ...columns.map((column) => ({
      comment: column.comment,
      text: `${column.name.padEnd(nameWidth)}  ${column.type.padEnd(typeWidth)}${facets(column)}`.trimEnd(),
    })),
    ...constraints.map(({ name, definition, comment }) => ({
      comment,
      text: `constraint ${name} ${lowerCase(definition)}`,
    })),
  ];
  const lines = members.map(
    ({ comment, text }, index) =>
      `${remark(comment, "  ")}  ${text}${index < members.length - 1 ? "," : ""}\n`,
  );
  const opening = `create ${table.unlogged ? "unlogged " : ""}table ${table.relation} (\n`;
  return `${remark(table.comment, "")}${opening}${lines.join("")})${tail(table)};\n${renderIndexes(indexes)}`;
}

function facets({ not_null, expression, generated, identity, collation }: Column): string {
  let text = collation === null ? "" : ` collate ${collation}`;
  text += not_null ? "  not null" : "";
  if (identity !== "") text += ` generated ${identity === "a" ? "always" : "by default"} as identity`;
  if (expression === null) return text;
  const written = lowerCase(expression);
  if (generated === "") return `${text} default ${written}`;
  return `${text} generated always as (${written}) ${generated === "s" ? "stored" : "virtual"}`;
}

function tail({ options, partitioned_by, partition_of }: Relation): string {
  const partitioned = partitioned_by === null ? "" : ` partition by ${lowerCase(partitioned_by)}`;
  const partition = partition_of === null ? "" : ` partition of ${lowerCase(partition_of)}`;
  return `${partition}${partitioned}${options === null ? "" : ` with (${options.join(", ")})`}`;
}

function renderView({ kind, relation, query, comment }: Relation, indexes: readonly Index[]): string {
  return `${remark(comment, "")}create ${kind} ${relation} as\n${(query ?? "").trimEnd()}\n${renderIndexes(indexes)}`;
}

function renderIndexes(indexes: readonly Index[]): string {
  return indexes
    .map(({ definition, comment }) => `${remark(comment, "")}${indexLine(definition)}\n`)
    .join("");
}

/** Without what every index says: that it is a B-tree and in which schema its table is, if that is public. */
function indexLine(definition: string): string {
  return `${lowerCase(definition).replace(" on public.", " on ").replace(" using btree", "")};`;
}

function remark(comment: string | null, indent: string): string {
  if (comment === null) return "";
  return comment
    .split("\n")
    .map((line) => `${indent}-- ${line}`.trimEnd())
    .join("\n")
    .concat("\n");
}

/** Key words as the project writes them. Names are in lower case already unless quoted, and what is quoted stays. */
function lowerCase(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]+/g, (part) =>
    /^['"]/.test(part) ? part : part.toLowerCase(),
  );
}
