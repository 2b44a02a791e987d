/** The tagged template that every statement is written in: what stands in `${}` is bound, never pasted. */
export { default as sql, empty, type Sql } from "sql-template-tag";
