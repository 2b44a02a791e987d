/**
 * Asks the database whether it answers at all, on a connection of its own: those of the pool may be at work, or hang with
 * what they were asked before the network went away.
 */
import pg from "pg";
import { cutOff } from "./database.ts";

export type Probe = {
  /** Never rejects, and never takes longer than twice the time it was made with. */
  ask(): Promise<boolean>;
  close(): void;
};

export function openProbe(options: { url: string; silentMs: number; applicationName: string }): Probe {
  let client: pg.Client | null = null;

  async function connected(): Promise<pg.Client> {
    const fresh = new pg.Client({
      connectionString: options.url,
      connectionTimeoutMillis: options.silentMs,
      query_timeout: options.silentMs,
      keepAlive: true,
      application_name: options.applicationName,
    });
    // Its loss is seen at the next question.
    fresh.on("error", () => undefined);
    client = fresh;
    await fresh.connect();
    return fresh;
  }

  function drop(): void {
    if (client) cutOff(client);
    client = null;
  }

  return {
    async ask() {
      try {
        await (client ?? (await connected())).query("select 1");
        return true;
      } catch (error) {
        drop();
        return isAnswer(error);
      }
    },
    close: drop,
  };
}

/**
 * Also a refusal is an answer: where all connections are taken, the pool has its own, and cutting those would lose what they
 * are at. Class 57: it starts, or stops; 08: whoever stands before it does not reach it.
 */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !/^(08|57)/.test(error.code ?? "");
}
