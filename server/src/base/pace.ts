/** Does at once what comes now and then, and of what comes in a flood so many a second; the rest waits in line. */

export type Pace = (task: () => void) => void;

const TICK_MS = 10;

/** How long the line may get is for the caller to bound. */
export function createPace(perSecond: number): Pace {
  const perTick = Math.max(1, Math.round((perSecond * TICK_MS) / 1_000));
  const line: (() => void)[] = [];
  let done = 0;
  let ticking = false;

  function tick(): void {
    const now = line.splice(0, perTick);
    done = now.length;
    if (now.length === 0) {
      ticking = false;
      return;
    }
    setTimeout(tick, TICK_MS);
    for (const task of now) task();
  }

  return (task) => {
    if (line.length > 0 || done >= perTick) {
      line.push(task);
      return;
    }
    done++;
    if (!ticking) {
      ticking = true;
      setTimeout(tick, TICK_MS);
    }
    task();
  };
}
