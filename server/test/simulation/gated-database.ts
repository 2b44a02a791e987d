/**
 * The platform's own database handle, each of whose steps waits for its turn: before each statement, each begin and each
 * commit another process may come first, or this one be killed. Connections are lost at times, before or after the
 * database did what it was asked, also in the middle of a commit.
 */
import { DatabaseUnavailable, type Db, type Tx } from "../../src/store/database.ts";
import { type Sql, sql } from "../../src/store/sql.ts";
import type { Chance } from "./chance.ts";
import type { Loss } from "./fault-plan.ts";
import type { Piece } from "./real-work.ts";
import { type Stage, StatementCancelled } from "./stage.ts";
import { statementName } from "./statement-names.ts";
import type { Life } from "./timeline.ts";

/** One statement in so many meets a lost connection. */
const LOST_ONE_IN = 1_500;

export function gateDatabase(stage: Stage, life: Life, real: Db): Db {
  const chance = stage.chance.fork(`database/${life.name}`);
  const { work } = stage;
  return {
    async query<Row>(statement: Sql) {
      await stage.pause(life, `query ${nameOf(statement)}`);
      return await withLoss(draw(stage, chance), async () =>
        inOneOrder(await again(stage, life, () => real.query<Row>(prepared(statement)))),
      );
    },

    async transaction<T>(run: (tx: Tx) => Promise<T>) {
      await stage.pause(life, "begin");
      let piece: Piece = work.begin(life);
      let loss: Loss | null = null;
      const done = await real
        .transaction(async (tx) => {
          await piece.arrive();
          try {
            const result = await run(gateTransaction(stage, life, tx));
            await stage.pause(life, "commit");
            loss = draw(stage, chance);
            if (loss === "database lost before") throw connectionLost();
            return result;
          } finally {
            piece = work.begin(life); // the commit or the rollback, and where the transaction runs again, its begin
          }
        })
        .then(
          (value) => () => value,
          (error: unknown) => () => {
            throw error;
          },
        );
      await piece.arrive();
      if (loss === "database lost after") throw unavailable();
      return done();
    },

    close: () => real.close(),
  };
}

function gateTransaction(stage: Stage, life: Life, tx: Tx): Tx {
  const { work } = stage;
  return {
    async query<Row>(statement: Sql) {
      await stage.pause(life, `  ${nameOf(statement)}`);
      // Whoever comes second to a wait may be called back, and must be able to ask again within its transaction.
      if (work.waiting() === 0) return await again(stage, life, () => tx.query<Row>(prepared(statement)));
      await stage.really(life, () => tx.query(sql`savepoint asked`));
      return await again(
        stage,
        life,
        () => tx.query<Row>(prepared(statement)),
        () => tx.query(sql`rollback to savepoint asked`),
      );
    },
  } as Tx;
}

function prepared({ text, values }: Sql): Sql {
  return { name: statementName(text), text, values } as unknown as Sql;
}

function draw(stage: Stage, chance: Chance): Loss | null {
  if (!stage.troubled) return null;
  const byChance = () => (chance.flip(0.5) ? "database lost before" : "database lost after");
  const loss = stage.faults.loss() ?? (chance.flip(1 / LOST_ONE_IN) ? byChance() : null);
  if (loss !== null) stage.count(loss);
  return loss;
}

async function withLoss<T>(loss: Loss | null, run: () => Promise<T>): Promise<T> {
  if (loss === "database lost before") throw unavailable();
  const result = await run();
  if (loss === "database lost after") throw unavailable();
  return result;
}

function unavailable(): DatabaseUnavailable {
  return new DatabaseUnavailable("The simulated connection was lost.");
}

/** As `pg` reports it, so that the platform's own code gives it its name. */
function connectionLost(): Error {
  return Object.assign(new Error("The simulated connection was lost."), { code: "08006" });
}

/**
 * Runs a statement, and again a little later where it was called back (real-work.ts). A victim of a deadlock looks as if
 * PostgreSQL had chosen it.
 */
async function again<T>(
  stage: Stage,
  life: Life,
  run: () => Promise<T>,
  undo: () => Promise<unknown> = async () => {},
): Promise<T> {
  for (;;) {
    try {
      return await stage.really(life, run);
    } catch (error) {
      if (!(error instanceof StatementCancelled)) throw error;
      if (error.as === "deadlock") throw deadlockDetected(stage);
      stage.count("waits called back");
      await stage.really(life, undo);
      await stage.pause(life, "  asks again");
    }
  }
}

function deadlockDetected(stage: Stage): Error {
  stage.count("deadlocks");
  return Object.assign(new Error("deadlock detected"), { code: "40P01" });
}

/**
 * Rows that are due at the same instant come from PostgreSQL in whatever order they lie on the disk; here always in the same,
 * so that the same seed gives the same run.
 */
function inOneOrder<Row>(rows: Row[]): Row[] {
  const first: unknown = rows[0];
  if (rows.length < 2 || typeof first !== "object" || first === null || !("dueAt" in first)) return rows;
  const keyed = rows.map((row) => {
    const values = row as Record<string, unknown>;
    return { row, dueAt: values["dueAt"] as bigint, key: Object.values(values).join("/") };
  });
  keyed.sort((a, b) => (a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.key < b.key) ? -1 : 1));
  return keyed.map(({ row }) => row);
}

/** The first words of a statement, to tell one step from another. */
function nameOf(statement: Sql): string {
  return statement.sql.trim().replace(/\s+/g, " ").slice(0, 48);
}
