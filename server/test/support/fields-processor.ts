/**
 * A processor that is everything the sandbox is not, so that the port is held to more than one shape. It collects methods in
 * fields of its own, from another origin. Its tokens serve once, and a success brings the one that stays with the customer. It
 * may take a payment or a refund and decide later. On the way back from a challenge it wants what the customer was given there. It
 * signs with a secret of each merchant, and tells much that is not for the platform.
 */
import { createHmac } from "node:crypto";
import { fail, ok, type Result } from "../../src/base/result.ts";
import type { PaymentMethod } from "../../src/domain/charge.ts";
import type { AccountId, AttemptKey } from "../../src/domain/ids.ts";
import type {
  Collection,
  Notification,
  NotificationCall,
  Processor,
} from "../../src/processors/processor.ts";
import { FieldsBooks, type FieldsKind } from "./fields-books.ts";
import { openFieldsOrigin } from "./fields-origin.ts";

export type FieldsProcessor = Processor & {
  readonly origin: string;
  /** As its fields do once they are filled in: a token that serves once. */
  readonly newToken: (accountId: AccountId, kind: FieldsKind) => string;
  /** What was asked of it, in order. */
  readonly calls: readonly Call[];
  /** The next completion is lost: on its way here, or its answer on the way back. */
  readonly loseCompletion: (where: Leg) => void;
  /** Refunds are taken from now on, and decided by `decideRefund`. */
  readonly takeTimeForRefunds: () => void;
  readonly decide: (attemptKey: AttemptKey, outcome: "succeeded" | "declined") => void;
  readonly decideRefund: (refundKey: string, outcome: "succeeded" | "failed") => void;
  /** Its call to the address of an account, signed with that merchant's secret. */
  readonly notify: (accountId: AccountId, news: Notification | "something else") => NotificationCall;
  /** Where a customer answers a challenge; gives the address that this leads back to. */
  readonly answer: (url: string, answer: "complete" | "fail") => Promise<string>;
  readonly close: () => Promise<void>;
};

type Call = { readonly call: string; readonly attemptKey: AttemptKey; readonly request: unknown };
type Leg = "before" | "after";

export async function openFieldsProcessor(): Promise<FieldsProcessor> {
  const books = new FieldsBooks();
  const origin = await openFieldsOrigin(books);
  books.challengesAt = origin.url;
  const calls: Call[] = [];
  let lost: Leg | null = null;
  const losing = (where: Leg): void => {
    if (lost !== where) return;
    lost = null;
    throw new Error("The connection was lost.");
  };
  const noted =
    <Request extends { attemptKey: AttemptKey }, Answer>(call: string, work: (request: Request) => Answer) =>
    async (request: Request): Promise<Answer> => {
      calls.push({ call, attemptKey: request.attemptKey, request });
      return work(request);
    };
  const complete = noted("complete", books.complete.bind(books));

  return {
    name: "fields",
    modes: ["test"],
    collection: collectionOf(books, origin.url),
    charge: noted("charge", books.charge.bind(books)),
    async complete(attempt) {
      losing("before");
      const answer = await complete(attempt);
      losing("after");
      return answer;
    },
    lookUp: noted("lookUp", books.lookUp.bind(books)),
    abandon: async (attempt) => books.abandon(attempt),
    refund: noted("refund", books.refund.bind(books)),
    lookUpRefund: noted("lookUpRefund", books.lookUpRefund.bind(books)),
    readNotification: async (call) => readNotification(call),
    origin: origin.url,
    newToken: books.newToken.bind(books),
    calls,
    loseCompletion(where) {
      lost = where;
    },
    takeTimeForRefunds() {
      books.refundsTakeTime = true;
    },
    decide: books.decide.bind(books),
    decideRefund: books.decideRefund.bind(books),
    notify,
    answer: (url, answer) => origin.answer(url, answer),
    close: () => origin.close(),
  };
}

function collectionOf(books: FieldsBooks, origin: string): Collection {
  return {
    by: "own_fields",
    sources: { script: [origin], frame: [origin], connect: [], image: [], style: [] },
    async setUp({ accountId, amount, currency }) {
      const settings = { account: accountId, amount: amount.toString(), currency };
      return { module: `${origin}/fields.js`, settings };
    },
    async describe(accountId, token) {
      const kind = books.kindOf(accountId, token);
      return kind === null ? fail({ number: "invalid" }) : ok(shown(token, kind));
    },
  };
}

function shown(token: string, kind: FieldsKind): PaymentMethod {
  return kind === "wallet"
    ? { kind: "wallet", token, name: "PayBuddy" }
    : { kind: "card", token, brand: "visa", last4: "1111", expMonth: 3, expYear: 2041 };
}

function sign(accountId: AccountId, body: string | Buffer): string {
  return createHmac("sha256", `secret of ${accountId}`).update(body).digest("hex");
}

function notify(accountId: AccountId, news: Notification | "something else"): NotificationCall {
  const body = JSON.stringify(
    news === "something else" ? { event: "PAYOUT" } : { event: "NEWS", ...news.about },
  );
  return { accountId, headers: { "x-signature": sign(accountId, body) }, body: Buffer.from(body) };
}

type News = { readonly event: string } & Notification["about"];

function readNotification({
  accountId,
  headers,
  body,
}: NotificationCall): Result<Notification | null, string> {
  if (accountId === null) return fail("Notifications come to the address of an account.");
  if (headers["x-signature"] !== sign(accountId, body)) return fail("The signature is not right.");
  const news: News = JSON.parse(body.toString("utf8"));
  if (news.event !== "NEWS") return ok(null);
  return news.kind === "attempt"
    ? ok({ accountId, about: { kind: "attempt", attemptKey: news.attemptKey } })
    : ok({ accountId, about: { kind: "refund", refundKey: news.refundKey } });
}
