/**
 * Watches whether the database answers at all. While it does not, requests are refused at the door instead of waiting for
 * it; when it answers again, every connection from before is cut, since a network that lost packets may never deliver what
 * was asked on them, and whoever waits there would wait out the longest time-out. What was cut off in a commit is known by
 * its key or its look-up, as after any lost connection.
 */
import type { Instant } from "../base/instant.ts";
import { DATABASE } from "../base/limits.ts";
import type { Log } from "../base/log.ts";
import { pauseUnless } from "../base/pause.ts";
import { createSeldom } from "../base/seldom.ts";
import type { World } from "../base/world.ts";
import type { OpenDatabase } from "../store/database.ts";
import { openProbe } from "../store/probe.ts";

export type DatabaseWatch = {
  /** It does not answer, and has not for a while. */
  readonly isAway: () => boolean;
  readonly stop: () => Promise<void>;
};

export function watchDatabase(watched: {
  readonly url: string;
  readonly log: Log;
  readonly world: World;
  readonly databases: readonly OpenDatabase[];
}): DatabaseWatch {
  const { log, world, databases } = watched;
  const { askedEveryMs, askedAgainMs, silentMs } = DATABASE;
  const probe = openProbe({ url: watched.url, silentMs, applicationName: "mintro-watch" });
  const stopping = new AbortController();
  const lines = createSeldom(world);
  let awaySince: Instant | null = null;

  async function watch(): Promise<void> {
    let silences = 0;
    while (!stopping.signal.aborted) {
      const before = answersOf(databases);
      const answers = (await probe.ask()) || answersOf(databases) > before;
      if (stopping.signal.aborted) return;
      silences = answers ? 0 : silences + 1;
      if (silences >= 2) goesAway();
      else if (answers) comesBack();
      await pauseUnless(stopping.signal, answers ? askedEveryMs : askedAgainMs);
    }
  }

  function goesAway(): void {
    const since = awaySince ?? world.now();
    awaySince = since;
    lines.happened(() =>
      log.warn(
        { seconds: secondsBetween(since, world.now()) },
        "the database does not answer: requests get 503, and work waits",
      ),
    );
  }

  function comesBack(): void {
    if (awaySince === null) return;
    const seconds = secondsBetween(awaySince, world.now());
    awaySince = null;
    for (const database of databases) database.cut();
    lines.over(() => log.info({ seconds }, "the database answers again"));
  }

  const watching = watch();
  return {
    isAway: () => awaySince !== null,
    async stop() {
      stopping.abort();
      probe.close();
      await watching;
    },
  };
}

function answersOf(databases: readonly OpenDatabase[]): number {
  return databases.reduce((sum, database) => sum + database.answered(), 0);
}

function secondsBetween(from: Instant, to: Instant): number {
  return Number((to - from) / 1_000_000n);
}
