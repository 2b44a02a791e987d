/**
 * Merchants' receivers of webhooks, and the sender that reaches them without a network. Each receiver has good days and
 * bad ones: it fails, refuses, hangs, is slow, asks for patience, loses its own answers, or is gone. Every try is watched:
 * who has acknowledged is left alone, nobody is tried twice at once, and what happened first is told first.
 */
import { createHmac } from "node:crypto";
import { WEBHOOK_SENDING } from "../../src/base/limits.ts";
import type { SendOutcome, SendRequest, WebhookSender } from "../../src/flows/webhooks/send.ts";
import type { Chance } from "./chance.ts";
import { DAY, HOUR, MINUTE, SECOND, type Stage } from "./stage.ts";
import { type Life, OUTSIDE } from "./timeline.ts";

type Mood = "up" | "failing" | "refusing" | "hanging" | "busy" | "slow" | "forgetful" | "gone";

const BAD_MOODS: Readonly<Record<Exclude<Mood, "up" | "gone">, number>> = {
  failing: 4,
  refusing: 2,
  hanging: 2,
  busy: 3,
  slow: 3,
  forgetful: 3,
};

export type Receiver = {
  readonly url: string;
  readonly secret: string;
  /** What it has acknowledged, by event id; the number of times it did. */
  readonly accepted: Map<string, number>;
  react(): Reaction;
};

/** `status` null: it never answers. `way`: it cannot be reached, or its answer is lost on the way back. */
type Reaction = {
  readonly status: number | null;
  readonly way: "clear" | "refused" | "answer lost";
  readonly afterMicros: number;
  readonly retryAfterMs: number | null;
};

/** `mayBeGone`: on some bad days it answers 410, and the platform disables its endpoint. */
export function createReceiver(
  stage: Stage,
  receiver: { url: string; secret: string; mayBeGone: boolean },
): Receiver {
  const chance = stage.chance.fork(`receiver/${receiver.url}`);
  let mood: Mood = "up";
  let until = Number(stage.timeline.now()) + chance.about(DAY);
  const moodNow = (): Mood => {
    while (Number(stage.timeline.now()) >= until) {
      mood = mood === "up" ? nextBadMood(chance, receiver.mayBeGone) : "up";
      until += mood === "up" ? HOUR + chance.about(2 * DAY) : howLong(chance);
    }
    if (!stage.troubled) return "up";
    return mood === "up" && chance.flip(0.02) ? chance.weighted(BAD_MOODS) : mood;
  };
  return {
    url: receiver.url,
    secret: receiver.secret,
    accepted: new Map(),
    react: () => reactionOf(stage, chance, moodNow()),
  };
}

function nextBadMood(chance: Chance, mayBeGone: boolean): Mood {
  return mayBeGone && chance.flip(0.15) ? "gone" : chance.weighted(BAD_MOODS);
}

/** Minutes as a rule, hours now and then, and at times long enough for the platform to give the endpoint up. */
function howLong(chance: Chance): number {
  const kind = chance.weighted({ minutes: 70, hours: 25, days: 5 });
  if (kind === "minutes") return chance.about(10 * MINUTE);
  return kind === "hours" ? chance.about(8 * HOUR) : chance.between(DAY, 7 * DAY);
}

function reactionOf(stage: Stage, chance: Chance, mood: Mood): Reaction {
  if (mood !== "up") stage.count(`receiver: ${mood}`);
  const soon = 1_000 + chance.about(20_000);
  const answer = (status: number | null, change: Partial<Reaction> = {}): Reaction => ({
    status,
    way: "clear",
    afterMicros: soon,
    retryAfterMs: null,
    ...change,
  });
  switch (mood) {
    case "up":
      return answer(chance.pick([200, 200, 204]));
    case "failing":
      return answer(chance.pick([500, 502, 404, 302]));
    case "refusing":
      return answer(null, { way: "refused" });
    case "hanging":
      return answer(null);
    case "busy":
      return answer(503, { retryAfterMs: chance.flip(0.7) ? Math.round(chance.about(600_000)) : null });
    case "slow":
      return answer(200, { afterMicros: chance.between(SECOND, 20 * SECOND) });
    case "forgetful":
      return answer(200, { way: "answer lost" });
    case "gone":
      return answer(410);
  }
}

/** The platform's sender in one process. `receivers` by their addresses. */
export function createSimulatedSender(
  stage: Stage,
  life: Life,
  receivers: ReadonlyMap<string, Receiver>,
  tries: TryWatch,
): WebhookSender {
  return {
    async send(request) {
      const receiver = receivers.get(request.url);
      if (!receiver) throw new Error(`Nobody is at ${request.url}.`);
      await stage.pause(life, `sends a webhook to ${request.url}`);
      const startedAt = stage.timeline.now();
      const end = await tries.begin(life, request, receiver);
      return await new Promise<SendOutcome>((resolve) => {
        let done = false;
        const settle = (status: number | null, error: string | null, retryAfterMs: number | null = null) => {
          if (done) return;
          done = true;
          end();
          const durationMs = Number((stage.timeline.now() - startedAt) / 1_000n);
          resolve({ ...outcomeOf(status), status, error, durationMs, responseStart: "", retryAfterMs });
        };
        request.signal?.addEventListener("abort", () => settle(null, "interrupted"), { once: true });
        stage.timeline.after(WEBHOOK_SENDING.timeoutMs * 1_000, life, "webhook timed out", () =>
          settle(null, "timed out"),
        );
        stage.timeline.after(2_000, OUTSIDE, `webhook arrives at ${request.url}`, () => {
          const reaction = receiver.react();
          if (reaction.way !== "refused") tries.arrived(request, receiver, reaction.status);
          if (reaction.way === "answer lost") return;
          stage.timeline.after(reaction.afterMicros, life, "webhook answered", () => {
            if (reaction.way === "refused") settle(null, "refused");
            else if (reaction.status !== null)
              settle(reaction.status, errorOf(reaction.status), reaction.retryAfterMs);
          });
        });
      });
    },
    refusal: () => null,
    close: async () => {},
  };
}

function outcomeOf(status: number | null): Pick<SendOutcome, "outcome"> {
  if (status === 410) return { outcome: "gone" };
  return { outcome: status !== null && status >= 200 && status < 300 ? "delivered" : "failed" };
}

function errorOf(status: number): string | null {
  return status >= 200 && status < 300 ? null : `answered ${status}`;
}

/** Watches every try of every delivery, as the receivers see them. */
export type TryWatch = {
  /** Called when a try begins; gives back what to call when it ends. */
  begin(life: Life, request: SendRequest, receiver: Receiver): Promise<() => void>;
  arrived(request: SendRequest, receiver: Receiver, status: number | null): void;
};

type SeenDelivery = { readonly status: string; readonly overtaken: string | null };

export function createTryWatch(stage: Stage): TryWatch {
  const underWay = new Map<string, Set<Life>>();
  return {
    async begin(life, request, receiver) {
      stage.count("deliveries tried");
      const id = request.headers["webhook-id"] ?? "";
      const key = `${id} to ${receiver.url}`;
      const others = [...(underWay.get(key) ?? [])].filter((other) => other.alive);
      if (others.length > 0)
        stage.wrong("one-try-at-a-time", `${key}: ${life.name} tries while ${others[0]?.name} does`);
      const mine = underWay.get(key) ?? new Set();
      underWay.set(key, mine.add(life));
      const [seen] = await stage.observe<SeenDelivery>(SEEN, [id.slice("evt_".length), receiver.url]);
      if (seen?.status === "delivered") stage.wrong("acknowledged-not-sent-again", key);
      if (seen?.overtaken != null)
        stage.wrong("told-in-order", `${key}: ${seen.overtaken} was not tried yet`);
      return () => mine.delete(life);
    },
    arrived(request, receiver, status) {
      const id = request.headers["webhook-id"] ?? "";
      if (!isSigned(request, receiver.secret))
        stage.wrong("signed-for-its-endpoint", `${id} to ${receiver.url}`);
      if (status === null || status < 200 || status > 299) return;
      receiver.accepted.set(id, (receiver.accepted.get(id) ?? 0) + 1);
    },
  };
}

/** Where a delivery stands when it is tried, and an earlier event of its intent that is still to be tried first. */
const SEEN = `
  select d.status, (
    select earlier.event_id from deliveries earlier
     where d.tries = d.resent_after and earlier.account_id = d.account_id and earlier.intent_id = d.intent_id
       and earlier.endpoint_id = d.endpoint_id and earlier.seq < d.seq
       and earlier.status = 'pending' and earlier.tries = 0 limit 1) as overtaken
    from deliveries d join webhook_endpoints e using (account_id, endpoint_id)
   where d.event_id = $1 and e.url = $2`;

/** Standard Webhooks 1.0, written down here once more. */
function isSigned({ headers, body }: SendRequest, secret: string): boolean {
  const {
    "webhook-id": id = "",
    "webhook-timestamp": timestamp = "",
    "webhook-signature": given = "",
  } = headers;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return given.split(" ").includes(`v1,${expected}`);
}
