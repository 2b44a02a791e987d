/**
 * Watches every try of every delivery, as the receivers see them: who has acknowledged is left alone, nobody is tried twice
 * at once, what happened first is told first, the signatures are those of its secrets, and an endpoint that was disabled or
 * deleted hears nothing more.
 */
import type { SendRequest } from "../../src/flows/webhooks/send.ts";
import type { Receiver } from "./receivers.ts";
import { SECOND, type Stage } from "./stage.ts";
import type { Life } from "./timeline.ts";

export type TryWatch = {
  /** Called when a try begins; gives back what to call when it ends. */
  begin(life: Life, request: SendRequest, receiver: Receiver): Promise<() => void>;
  arrived(request: SendRequest, receiver: Receiver, status: number | null): void;
};

type SeenDelivery = { readonly status: string; readonly overtaken: string | null };

/** A try that was taken up before an endpoint was closed may still be on its way out for so long. */
const GRACE_MICROS = 5 * SECOND;

export function createTryWatch(stage: Stage): TryWatch {
  const underWay = new Map<string, Set<Life>>();

  const checkDelivery = async (id: string, receiver: Receiver): Promise<void> => {
    const key = `${id} to ${receiver.url}`;
    const { accountId, endpointId, closedSince } = receiver;
    const closedFor = closedSince === null ? 0 : Number(stage.timeline.now()) - closedSince;
    const [seen] = await stage.observe<SeenDelivery>(SEEN, [
      accountId,
      id.slice("evt_".length),
      endpointId,
      receiver.url,
    ]);
    if (closedFor > GRACE_MICROS)
      stage.wrong("closed-hears-nothing", `${key}: ${closedFor / SECOND} s after its owner was told`);
    if (seen?.status === "delivered") stage.wrong("acknowledged-not-sent-again", key);
    if (seen?.overtaken != null) stage.wrong("told-in-order", `${key}: ${seen.overtaken} was not tried yet`);
  };

  return {
    async begin(life, request, receiver) {
      const id = idOf(request);
      const key = `${id} to ${receiver.url}`;
      const others = [...(underWay.get(key) ?? [])].filter((other) => other.alive);
      if (others.length > 0)
        stage.wrong("one-try-at-a-time", `${key}: ${life.name} tries while ${others[0]?.name} does`);
      const mine = underWay.get(key) ?? new Set();
      underWay.set(key, mine.add(life));
      receiver.tried();
      // A test is asked for by the owner, happened to no intent, and stands in no books.
      if (isTest(request)) stage.count("endpoints tested");
      else {
        stage.count("deliveries tried");
        await checkDelivery(id, receiver);
      }
      return () => {
        mine.delete(life);
        if (mine.size === 0 && underWay.get(key) === mine) underWay.delete(key);
      };
    },
    arrived(request, receiver, status) {
      const id = idOf(request);
      for (const wrong of receiver.keyring.check(request))
        stage.wrong("signed-for-its-endpoint", `${id} to ${receiver.url}: ${wrong}`);
      if (status === null || status < 200 || status > 299) return;
      receiver.accepted.set(id, (receiver.accepted.get(id) ?? 0) + 1);
    },
  };
}

function idOf({ headers }: SendRequest): string {
  return headers["webhook-id"] ?? "";
}

function isTest({ body }: SendRequest): boolean {
  return body.includes('"event":"endpoint.test"');
}

/**
 * Where a delivery stands when it is tried, and an earlier event of its intent that is still to be tried first. An endpoint
 * whose owner has not been told its id is found by its address.
 */
const SEEN = `
  select d.status, (
    select earlier.event_id from deliveries earlier
     where d.tries = d.resent_after and earlier.account_id = d.account_id and earlier.intent_id = d.intent_id
       and earlier.endpoint_id = d.endpoint_id and earlier.seq < d.seq
       and earlier.status = 'pending' and earlier.tries = 0 limit 1) as overtaken
    from deliveries d
   where d.account_id = $1 and d.event_id = $2 and d.endpoint_id = coalesce($3::uuid, (
           select endpoint_id from webhook_endpoints where account_id = $1 and url = $4))`;
