import type { Client } from "pg";

/**
 * Reads from PostgreSQL's catalogs what a schema is made of, as its own deparsers write it (`pg_get_constraintdef`
 * and the like), so that the text is the same on every machine. System schemas and what extensions own are left out.
 * Works on PostgreSQL 15 to 18; not-null constraints, rows of pg_constraint since 18, are read from the columns.
 */
export interface Catalog {
  readonly schemas: readonly { readonly name: string; readonly comment: string | null }[];
  readonly relations: readonly Relation[];
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly others: readonly Other[];
}

/** `relation` is the name as a statement would write it, with its schema unless that is public. */
interface OfRelation {
  readonly relation: string;
}

export interface Relation extends OfRelation {
  readonly kind: "table" | "view" | "materialized view";
  readonly unlogged: boolean;
  readonly options: readonly string[] | null;
  readonly partitioned_by: string | null;
  readonly partition_of: string | null;
  /** A view's query. */
  readonly query: string | null;
  readonly comment: string | null;
}

export interface Column extends OfRelation {
  readonly name: string;
  readonly type: string;
  readonly not_null: boolean;
  /** The default's expression, or that of a generated column. */
  readonly expression: string | null;
  readonly generated: "" | "s" | "v";
  readonly identity: "" | "a" | "d";
  readonly collation: string | null;
  readonly comment: string | null;
}

export interface Constraint extends OfRelation {
  readonly name: string;
  readonly kind: "p" | "u" | "x" | "f" | "c";
  readonly definition: string;
  readonly first_column: string | null;
  readonly comment: string | null;
}

/** An index that no constraint stands for. */
export interface Index extends OfRelation {
  readonly definition: string;
  readonly is_unique: boolean;
  readonly first_column: string | null;
  readonly comment: string | null;
}

/** Extensions, types, sequences, functions, triggers and policies, as statements. */
export interface Other {
  readonly kind: string;
  readonly definition: string;
}

/** A relation's or type's name, as said above; and whether an object stands in a schema of ours and is no extension's. */
const NAME =
  "case n.nspname when 'public' then '' else quote_ident(n.nspname) || '.' end || quote_ident(c.relname)";
const OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";
const notOfExtension = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;
const RELATIONS = `pg_class c join pg_namespace n on n.oid = c.relnamespace and ${OURS} and ${notOfExtension("pg_class", "c.oid")}`;

export async function readCatalog(client: Client): Promise<Catalog> {
  // Types and referenced tables of public then stand without their schema, in every definition.
  await client.query("set search_path to public");
  const rows = async <Row extends object>(text: string): Promise<readonly Row[]> =>
    (await client.query<Row>(text)).rows;
  return {
    schemas: await rows(`
      select quote_ident(n.nspname) as name, obj_description(n.oid, 'pg_namespace') as comment
        from pg_namespace n where ${OURS} and ${notOfExtension("pg_namespace", "n.oid")} order by n.nspname`),
    relations: await rows(`
      select ${NAME} as relation,
             case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
             c.relpersistence = 'u' as unlogged, c.reloptions as options,
             case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partitioned_by,
             (select i.inhparent::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid)
                from pg_inherits i where i.inhrelid = c.oid and c.relispartition) as partition_of,
             case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid, true) end as query,
             obj_description(c.oid, 'pg_class') as comment
        from ${RELATIONS} where c.relkind in ('r', 'p', 'v', 'm') order by n.nspname, c.relname`),
    columns: await rows(`
      select ${NAME} as relation, quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type,
             a.attnotnull as not_null, pg_get_expr(d.adbin, d.adrelid) as expression, a.attgenerated as generated,
             a.attidentity as identity,
             case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end as collation,
             col_description(c.oid, a.attnum) as comment
        from ${RELATIONS} join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             join pg_type t on t.oid = a.atttypid
             left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where c.relkind in ('r', 'p') order by n.nspname, c.relname, a.attnum`),
    constraints: await rows(`
      select ${NAME} as relation, quote_ident(k.conname) as name, k.contype as kind,
             pg_get_constraintdef(k.oid, true) as definition,
             (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = k.conkey[1]) as first_column,
             obj_description(k.oid, 'pg_constraint') as comment
        from ${RELATIONS} join pg_constraint k on k.conrelid = c.oid
       where k.contype in ('p', 'u', 'x', 'f', 'c')
       order by n.nspname, c.relname, position(k.contype in 'puxfc'), k.conname`),
    indexes: await rows(`
      select ${NAME} as relation, pg_get_indexdef(i.indexrelid) as definition, i.indisunique as is_unique,
             (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0]) as first_column,
             obj_description(i.indexrelid, 'pg_class') as comment
        from ${RELATIONS} join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid
       where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
       order by n.nspname, c.relname, x.relname`),
    others: await rows(OTHERS),
  };
}

const TYPES = `pg_type t join pg_namespace n on n.oid = t.typnamespace and ${OURS} and ${notOfExtension("pg_type", "t.oid")}`;

const OTHERS = `
  select * from (
    select 1 as place, 'extension' as kind, 'create extension ' || quote_ident(extname) as definition
      from pg_extension where extname <> 'plpgsql'
    union all
    select 2, 'type', 'create type ' || t.oid::regtype || ' as enum ('
           || (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid) || ')'
      from ${TYPES} where t.typtype = 'e'
    union all
    select 3, 'type', 'create domain ' || t.oid::regtype || ' as ' || format_type(t.typbasetype, t.typtypmod)
           || coalesce((select string_agg(' ' || pg_get_constraintdef(k.oid, true), '' order by k.conname)
                          from pg_constraint k where k.contypid = t.oid), '')
      from ${TYPES} where t.typtype = 'd'
    union all
    select 4, 'sequence', 'create sequence ' || ${NAME} || ' as ' || format_type(s.seqtypid, null) || ' start ' || s.seqstart
           || ' increment ' || s.seqincrement || case when s.seqcycle then ' cycle' else '' end
      from ${RELATIONS} join pg_sequence s on s.seqrelid = c.oid
    union all
    select 5, 'function', pg_get_functiondef(p.oid)
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace and ${OURS} and ${notOfExtension("pg_proc", "p.oid")}
     where p.prokind <> 'a'
    union all
    select 6, 'trigger', pg_get_triggerdef(t.oid, true)
      from ${RELATIONS} join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
    union all
    select 7, 'policy', format('create policy %I on %s for %s using (%s) with check (%s)', y.polname, ${NAME}, y.polcmd,
           coalesce(pg_get_expr(y.polqual, c.oid), 'true'), coalesce(pg_get_expr(y.polwithcheck, c.oid), 'true'))
      from ${RELATIONS} join pg_policy y on y.polrelid = c.oid
  ) others order by place, definition collate "C"`;
