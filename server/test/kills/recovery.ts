/** How long each part takes to be of use again: from its death, and from its new start, to its first success. */
import type { Part } from "./part.ts";
import { pause, type Stage } from "./stage.ts";

type Kind = "server" | "worker" | "PostgreSQL";
type Waiting = { readonly killedAt: number; startedAt: number | null };

export type Recovery = {
  killed(kind: Kind, name: string): void;
  /** A killed part was started again, for PostgreSQL: it takes connections again. */
  started(name: string): void;
  /** A server answered well; `begunAt` is when the request was sent. */
  serverSucceeded(name: string, begunAt: number): void;
  /** Looks at the workers' own counts of webhooks delivered, until the end. */
  watchWorkers(workers: readonly Part[], until: AbortSignal): Promise<void>;
};

export const POSTGRES = "PostgreSQL";
const LOOK_EVERY_MS = 100;

export function createRecovery(stage: Stage): Recovery {
  const waiting = new Map<string, Waiting & { readonly kind: Kind }>();
  const succeeded = (name: string, begunAt: number): void => {
    const since = waiting.get(name);
    if (!since || begunAt < since.killedAt || since.startedAt === null) return;
    waiting.delete(name);
    const now = performance.now();
    stage.took(`${since.kind}: kill to first success`, now - since.killedAt);
    stage.took(`${since.kind}: start to first success`, now - since.startedAt);
  };
  return {
    killed(kind, name) {
      if (waiting.has(name)) stage.count("parts killed again before their first success");
      waiting.set(name, { kind, killedAt: performance.now(), startedAt: null });
    },
    started(name) {
      const since = waiting.get(name);
      if (since) since.startedAt = performance.now();
    },
    serverSucceeded(name, begunAt) {
      succeeded(name, begunAt);
      // Every answer comes from the database.
      succeeded(POSTGRES, begunAt);
    },
    async watchWorkers(workers, until) {
      while (!until.aborted) {
        for (const { name, url } of workers) {
          const lookedAt = performance.now();
          if (waiting.has(name) && (await delivered(url)) > 0) succeeded(name, lookedAt);
        }
        await pause(LOOK_EVERY_MS);
      }
    },
  };
}

/** Counted by the process itself, so from zero after each start. */
async function delivered(url: string): Promise<number> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2_000) });
    const found = /^mintro_webhook_tries_total\{outcome="delivered"\} (\d+)/m.exec(await response.text());
    return Number(found?.[1] ?? 0);
  } catch {
    return 0;
  }
}
