/**
 * The connection pool, and the two types through which every statement runs: `Db` for a statement that is its own
 * transaction, `Tx` for one inside a transaction that a flow has opened. `pg` and not `postgres`: see
 * docs/decisions/0002-pg.md.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { Sql } from "sql-template-tag";
import { assert } from "../base/assert.ts";
import { formatInstant, type Instant, parseInstant } from "../base/instant.ts";
import { DATABASE } from "../base/limits.ts";
import type { Log } from "../base/log.ts";

declare const transactional: unique symbol;
export type Queryable = { query<Row>(statement: Sql): Promise<Row[]> };
export type Tx = Queryable & { readonly [transactional]: true };
export type Db = Queryable & {
  /**
   * Runs `work` in one transaction (read committed) and commits. It is run again, from the start, when it threw Overtaken
   * or PostgreSQL chose it as a deadlock's victim, so `work` must have no effect but through `tx`.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** As it was opened, for whoever watches over it (main/watch-database.ts). */
export type OpenDatabase = Db & {
  /** How many statements it has answered so far. */
  answered(): number;
  /** Cuts all connections, whatever they are at: after an outage, what was asked before it may never be answered. */
  cut(): void;
};

/** The database did not take the statement: not connected, overloaded, or lost on the way. Trying again may help. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
}

/** A lock was not granted in time: somebody else holds the same key or row. Trying again may help. */
export class LockTimeout extends Error {
  override name = "LockTimeout";
}

/** A compare-and-set inside a transaction found that somebody was first: the transaction runs again from its reads. */
export class Overtaken extends Error {
  override name = "Overtaken";
}

const insideTransaction = new AsyncLocalStorage<true>();

/** No network call runs inside a transaction; processors and the webhook sender ask here before each call. */
export function assertNoTransaction(call: string): void {
  assert(insideTransaction.getStore() === undefined, `${call} is not called inside a transaction`);
}

const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    switch (oid) {
      case 20: // bigint
        return BigInt;
      case 1184: // timestamptz
        return readInstant;
      case 114: // json: kept as text, so that metadata is handed back as it came
      case 3802: // jsonb
        return String;
      default:
        return pg.types.getTypeParser(oid, format);
    }
  },
};

function readInstant(text: string): Instant {
  const instant = parseInstant(text);
  assert(instant !== undefined, `PostgreSQL's timestamptz is readable: ${text}`);
  return instant;
}

/** An instant as a bound parameter: text with microseconds, since JavaScript's Date has only milliseconds. */
export function ts(instant: Instant): string;
export function ts(instant: Instant | null): string | null;
export function ts(instant: Instant | null): string | null {
  return instant === null ? null : formatInstant(instant);
}

export function openDatabase(options: {
  url: string;
  log: Log;
  poolSize?: number;
  applicationName: string;
}): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? DATABASE.poolSize,
    connectionTimeoutMillis: DATABASE.connectTimeoutMs,
    query_timeout: DATABASE.queryTimeoutMs,
    lock_timeout: DATABASE.lockTimeoutMs,
    idleTimeoutMillis: DATABASE.idleTimeoutMs,
    keepAlive: true,
    application_name: options.applicationName,
    types,
  });
  let closing = false;
  let lossTold = false; // all of them are lost together: the first tells it
  let answers = 0;
  const connections = new Set<pg.PoolClient>();
  // Without a listener an idle connection's loss would end the process; the pool replaces it by itself.
  pool.on("error", (error) => {
    if (!closing && !lossTold) options.log.warn({ err: error }, "an idle database connection was lost");
    lossTold = true;
  });
  pool.on("connect", (client) => {
    lossTold = false;
    connections.add(client);
    client.on("error", () => undefined);
  });
  pool.on("remove", (client) => connections.delete(client));

  return {
    async query<Row>(statement: Sql) {
      try {
        const { rows } = await pool.query(statement);
        answers++;
        return rows as Row[];
      } catch (error) {
        throw named(error);
      }
    },
    async transaction(work) {
      for (let run = 1; ; run++) {
        try {
          const result = await once(pool, work);
          answers++;
          return result;
        } catch (error) {
          if (run >= DATABASE.transactionRuns || !isTransient(error)) throw named(error);
        }
      }
    },
    answered: () => answers,
    cut() {
      for (const connection of connections) cutOff(connection);
    },
    close: () => {
      closing = true;
      return pool.end();
    },
  };
}

/** Ends a connection without a word, since its other end may be gone; what it was asked is rejected. `pg` does so itself at
 * a time-out, but has no function for it. */
export function cutOff(client: pg.ClientBase): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

async function once<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  assertNoTransaction("another transaction");
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const tx = {
      query: async <Row>(statement: Sql) => (await client.query(statement)).rows as Row[],
    } as Tx;
    const result = await insideTransaction.run(true, () => work(tx));
    await client.query("commit");
    return result;
  } catch (error) {
    // On a connection that gave no answer a rollback would wait behind the statement; its end rolls back too.
    if (error instanceof Error && named(error) instanceof DatabaseUnavailable) broken = error;
    else
      await client.query("rollback").catch((lost: Error) => {
        broken = lost;
      });
    throw error;
  } finally {
    client.release(broken);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** serialization_failure and deadlock_detected: the transaction was rolled back whole and may run again. */
function isTransient(error: unknown): boolean {
  if (error instanceof Overtaken) return true;
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** Classes 08 (connection), 53 (resources) and 57 (operator, as at a shutdown), and a socket's own errors. */
const UNAVAILABLE = /^(08|53|57)|^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/;
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error/;

function named(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === "55P03") return new LockTimeout("A lock was not granted in time.", { cause: error });
  if (UNAVAILABLE.test(code) || LOST.test(error.message)) {
    return new DatabaseUnavailable("The database cannot be reached.", { cause: error });
  }
  return error;
}
