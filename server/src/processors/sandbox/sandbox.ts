/**
 * The sandbox processor: the other party of every test payment. It behaves as a real one does, seen from the platform:
 * books of its own, a vault of tokens so that no card number or code is ever kept, one payment for each idempotency key,
 * challenges that customers answer on its page, and an answer for whoever asks what became of an attempt.
 */
import { fail, ok } from "../../base/result.ts";
import type { World } from "../../base/world.ts";
import type { Processor } from "../processor.ts";
import { type BooksDb, insertMethod } from "./books.ts";
import { checkCard } from "./card-check.ts";
import { type ChallengeDesk, openChallengeDesk } from "./challenges.ts";
import { directLink, type Link, type LinkCall } from "./link.ts";
import * as payments from "./payments.ts";
import { newToken } from "./references.ts";
import * as refunds from "./refunds.ts";

export type Sandbox = Processor & { readonly challenges: ChallengeDesk };

/**
 * `db` is the sandbox's own handle, apart from the platform's; `publicUrl`, without a slash at its end, is where
 * customers reach the challenge page; `link` is the way to the sandbox, where faults are put in.
 */
export function createSandbox(options: {
  readonly db: BooksDb;
  readonly world: World;
  readonly publicUrl: string;
  readonly link?: Link;
}): Sandbox {
  const { db, world, link = directLink } = options;
  const desk: payments.Desk = {
    db,
    world,
    // Read at each use: with a port that the system chose, the address is known only once the server listens.
    get publicUrl() {
      return options.publicUrl;
    },
  };
  const linked =
    <Request extends { readonly accountId: LinkCall["accountId"] }, Answer>(
      method: LinkCall["method"],
      work: (desk: payments.Desk, request: Request) => Promise<Answer>,
    ) =>
    (request: Request): Promise<Answer> =>
      link.carry({ method, accountId: request.accountId }, () => work(desk, request));

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
          return ok(saved);
        }),
    },
    charge: linked("charge", payments.charge),
    complete: linked("complete", payments.complete),
    lookUp: linked("lookUp", payments.lookUp),
    abandon: linked("abandon", payments.abandon),
    refund: linked("refund", refunds.refund),
    lookUpRefund: linked("lookUpRefund", refunds.lookUpRefund),
    readNotification: async () => fail("The sandbox processor sends no notifications."),
    challenges: openChallengeDesk(desk),
  };
}
