/**
 * The processor's notifications in a simulation. A real processor lives on when the platform dies, so its outbox is the run's
 * and not a process's. As a rule it tells what no answer has told; at times it tells all the same, at once, late, twice,
 * after the next one, or not at all. News is only a hint, so nothing of that may matter.
 */
import { NOTIFICATIONS } from "../../src/base/limits.ts";
import type { WebhookSecret } from "../../src/domain/webhook-signature.ts";
import { type Heard, hear } from "../../src/flows/charges/hear.ts";
import type { Platform } from "../../src/flows/platform.ts";
import type { Notification } from "../../src/processors/processor.ts";
import { signNotification } from "../../src/processors/sandbox/notifications.ts";
import type { Outbox } from "../../src/processors/sandbox/outbox.ts";
import type { BadNews } from "./fault-plan.ts";
import { DAY, HOUR, MINUTE, SECOND, type Stage } from "./stage.ts";
import { OUTSIDE } from "./timeline.ts";

export type Notifier = { readonly secret: WebhookSecret; readonly outbox: Outbox };

const CHANCES: Readonly<Record<"as it should" | BadNews, number>> = {
  "as it should": 60,
  early: 12,
  late: 8,
  doubled: 8,
  swapped: 8,
  lost: 4,
};

/** A request to whichever process is up; null: no answer. */
export type Knock = (work: (platform: Platform) => Promise<Heard>) => Promise<Heard | null>;

export function createNotifier(stage: Stage, secret: WebhookSecret, knock: Knock): Notifier {
  const chance = stage.chance.fork("notifications");
  /** By what there is news of: the newest news that no answer has told. */
  const untold = new Map<string, number>();
  let held: Notification | null = null;
  let count = 0;

  const post = async (news: Notification): Promise<void> => {
    const next = held;
    held = null;
    for (const pauseMs of [...NOTIFICATIONS.againAfterMs, null]) {
      const heard = await tell(stage, secret, knock, news);
      if (heard === "taken" || pauseMs === null) break;
      await stage.timeline.sleep(pauseMs * 1_000, OUTSIDE, "before notifying again");
    }
    if (next) await post(next);
  };
  const postIn = (micros: number, news: Notification, isWanted = () => true) =>
    stage.timeline.after(micros, OUTSIDE, "notifies", () => {
      if (isWanted()) void post(news);
    });

  const outbox: Outbox = {
    changed(news, how) {
      const key = JSON.stringify([news.accountId, news.about]);
      const mine = count++;
      untold.set(key, mine);
      const soon = 1_000 * (how === "in_a_call" ? NOTIFICATIONS.unansweredMs : NOTIFICATIONS.challengeMs);
      const way = stage.troubled ? (stage.faults.news() ?? chance.weighted(CHANCES)) : "as it should";
      if (way !== "as it should") stage.count(`notification: ${way}`);
      switch (way) {
        case "as it should":
          return postIn(soon, news, () => untold.get(key) === mine);
        case "early":
          return postIn(chance.about(50_000), news);
        case "late":
          return postIn(lateness(chance.float()), news);
        case "doubled":
          postIn(chance.between(0, SECOND), news);
          return postIn(chance.between(0, chance.flip(0.5) ? SECOND : 2 * soon), news);
        case "swapped":
          if (held) postIn(0, news);
          else held = news;
          return;
        case "lost":
          return;
      }
    },
    answered(news) {
      untold.delete(JSON.stringify([news.accountId, news.about]));
    },
  };
  return { secret, outbox };
}

/** From a minute to a few days, by what `part` of 1 chance gives. */
function lateness(part: number): number {
  if (part < 0.5) return MINUTE + part * HOUR;
  return part < 0.9 ? part * DAY : part * 5 * DAY;
}

/** One try. What it was about must be in the books, since it is written down before the processor is asked. */
async function tell(
  stage: Stage,
  secret: WebhookSecret,
  knock: Knock,
  news: Notification,
): Promise<"taken" | "not taken"> {
  const heard = await knock(async (platform) => {
    const { headers, body } = signNotification(news, { secret, at: platform.world.now() });
    return await hear(platform, "sandbox", { accountId: null, headers, body: Buffer.from(body) });
  });
  if (heard === null) return "not taken";
  const { kind } = heard;
  if (kind === "done") return "taken";
  if (kind === "not_known_yet") return "not taken";
  stage.wrong("no-unexpected-error", `a notification of ${JSON.stringify(news)} was answered: ${kind}`);
  return "taken";
}
