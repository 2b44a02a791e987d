/**
 * The sandbox processor: the other party of every test payment. It behaves as a real one does, seen from the platform:
 * books of its own, a vault of tokens so that no card number or code is ever kept, one payment for each idempotency key,
 * challenges that customers answer on its page, an answer for whoever asks what became of an attempt, and notifications of
 * what the platform may not have learnt.
 */
import { fail, ok } from "../../base/result.ts";
import type { World } from "../../base/world.ts";
import type { AccountId } from "../../domain/ids.ts";
import type { WebhookSecret } from "../../domain/webhook-signature.ts";
import type {
  AttemptAnswer,
  AttemptRef,
  AttemptRequest,
  LookUpAnswer,
  Notification,
  Processor,
  RefundAnswer,
} from "../processor.ts";
import { type BooksDb, insertMethod } from "./books.ts";
import { checkCard } from "./card-check.ts";
import { type ChallengeDesk, openChallengeDesk } from "./challenges.ts";
import { directLink, type Link, type LinkCall } from "./link.ts";
import { readNotification } from "./notifications.ts";
import { NO_OUTBOX, type Outbox } from "./outbox.ts";
import * as payments from "./payments.ts";
import { newToken } from "./references.ts";
import type { RefundOrder } from "./refunds.ts";
import * as refunds from "./refunds.ts";

/** A processor that files everything under our key, and needs no more of an attempt than that. */
export type Sandbox = Omit<Processor, "complete" | "lookUp" | "abandon" | "refund" | "lookUpRefund"> & {
  readonly complete: (attempt: AttemptRef) => Promise<AttemptAnswer>;
  readonly lookUp: (attempt: AttemptRef) => Promise<LookUpAnswer>;
  readonly abandon: (attempt: AttemptRef) => Promise<void>;
  readonly refund: (request: RefundOrder) => Promise<RefundAnswer>;
  readonly lookUpRefund: (
    request: RefundOrder,
  ) => Promise<RefundAnswer | { readonly kind: "unknown_refund" }>;
  readonly challenges: ChallengeDesk;
};

/**
 * `db` is the sandbox's own handle, apart from the platform's; `publicUrl`, without a slash at its end, is where
 * customers reach the challenge page; `link` is the way to the sandbox, where faults are put in. `notifications`: any of the
 * secrets may have signed one that comes back to `readNotification`; without it, the sandbox never notifies.
 */
export function createSandbox(options: {
  readonly db: BooksDb;
  readonly world: World;
  readonly publicUrl: string;
  readonly link?: Link;
  readonly notifications?: { readonly secrets: readonly WebhookSecret[]; readonly outbox: Outbox };
  /** Whether the account's next refund is to be refused, as a merchant rehearses it. One that was made already stays made. */
  readonly refusesRefund?: (accountId: AccountId) => Promise<boolean>;
}): Sandbox {
  const { db, world, link = directLink, notifications, refusesRefund } = options;
  const outbox = notifications?.outbox ?? NO_OUTBOX;
  const desk: payments.Desk = {
    db,
    world,
    // Read at each use: with a port that the system chose, the address is known only once the server listens.
    get publicUrl() {
      return options.publicUrl;
    },
  };
  /** Brings a call here and its answer back. What a call that may `change` something has done is news until its answer is there. */
  const linked =
    <Request extends AttemptRef | AttemptRequest | RefundOrder, Answer>(
      method: LinkCall["method"],
      work: (desk: payments.Desk, request: Request) => Promise<Answer>,
      does: "changes" | "tells" = "tells",
    ) =>
    async (request: Request): Promise<Answer> => {
      const news = newsOf(request);
      const answer = await link.carry({ method, accountId: request.accountId }, async () => {
        const done = await work(desk, request);
        if (does === "changes") outbox.changed(news, "in_a_call");
        return done;
      });
      outbox.answered(news);
      return answer;
    };

  return {
    name: "sandbox",
    modes: ["test"],
    collection: {
      by: "our_form",
      saveCard: (accountId, card) =>
        link.carry({ method: "saveCard", accountId }, async () => {
          const checked = checkCard(card, world.now());
          if (!checked.ok) return checked;
          const { behaviour, ...shown } = checked.value;
          const saved = { token: newToken(world), ...shown };
          await insertMethod(db, { accountId, behaviour, ...saved }, world.now());
          return ok({ kind: "card", ...saved });
        }),
    },
    charge: linked("charge", payments.charge, "changes"),
    complete: linked("complete", payments.complete, "changes"),
    lookUp: linked("lookUp", payments.lookUp),
    abandon: linked("abandon", payments.abandon),
    refund: linked(
      "refund",
      async (at, request: RefundOrder) =>
        refunds.refund(at, request, (await refusesRefund?.(request.accountId)) ?? false),
      "changes",
    ),
    lookUpRefund: linked("lookUpRefund", refunds.lookUpRefund),
    readNotification: async ({ headers, body }) =>
      notifications
        ? readNotification(headers, body, { secrets: notifications.secrets, now: world.now() })
        : fail("The sandbox processor sends no notifications here."),
    challenges: openChallengeDesk(desk, outbox),
  };
}

function newsOf(request: AttemptRef | AttemptRequest | RefundOrder): Notification {
  const { accountId, attemptKey } = request;
  const about =
    "refundKey" in request
      ? ({ kind: "refund", refundKey: request.refundKey } as const)
      : ({ kind: "attempt", attemptKey } as const);
  return { accountId, about };
}
