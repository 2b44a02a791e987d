/**
 * What a reader does between the blocks of a page, and what they see: the customer who pays, the further terminals, the
 * answers that a page promises. Blocks that are not named here are typed as they stand and have to end well.
 */
import { CARDS } from "../../../server/test/support/platform.ts";

export type Step = {
  readonly page: string;
  /** What the block holds and no other of its page does. */
  readonly block: string;
  /** What it prints. */
  readonly says?: readonly RegExp[];
  /** A mistake is shown, and its refusal. */
  readonly isRefused?: true;
  /** In another terminal, where it goes on until the page ends. */
  readonly isBeside?: true;
  /** What another terminal prints because of it. */
  readonly heard?: RegExp;
  /** The customer opens the newest link and pays with this card. */
  readonly pays?: string;
};

const guide = (name: string) => `docs/guides/${name}.md`;
const WHO = /^$/;

/** In these, who one is: the shell variables that the other pages take from First payment. */
export const WHO_AND_WHERE = { page: guide("first-payment"), block: "secret=" } as const;

const RECEIVER: Step = {
  page: guide("webhooks"),
  block: "--print-secret",
  isBeside: true,
  says: [/Waiting at/],
};

export const STEPS: readonly Step[] = [
  { page: "README.md", block: "--every 30", says: [/pay at +http:.*\/pay\//], pays: CARDS.visa },
  { page: "README.md", block: "advance 730d", says: [/→/] },
  {
    page: "README.md",
    block: "--since 730d",
    isBeside: true,
    says: [/^(?:\S+Z +subscription\.renewed +evt_\S+\n.*\n){24}/m],
  },

  { page: guide("cli"), block: "--print-secret", isBeside: true, says: [/Waiting at/] },

  { ...WHO_AND_WHERE, says: [WHO] },
  {
    page: guide("first-payment"),
    block: "order-2001-attempt-1",
    says: [/"status":"requires_payment"/, /"payment_url":"http/],
    pays: CARDS.visa,
  },
  { page: guide("first-payment"), block: "intents create --amount 80", says: [/pay at +http:.*\/pay\//] },
  { page: guide("first-payment"), block: "events tail", isBeside: true, says: [/Ctrl-C ends it/] },
  {
    page: guide("first-payment"),
    block: "mintro trigger",
    says: [/payment\.succeeded/],
    heard: /payment\.succeeded/,
  },
  {
    page: guide("first-payment"),
    block: "reference/ORDER-2001",
    says: [/"reference_id":"ORDER-2001"/, /"status":"succeeded"/],
  },
  {
    page: guide("first-payment"),
    block: "order-2001-refund-1",
    says: [/"amount":"25.00"/, /"status":"pending"/],
  },
  { page: guide("first-payment"), block: "intents cancel", says: [/is cancelled/] },
  { page: guide("first-payment"), block: "$intent/cancel", says: [/"status":"cancelled"/] },

  {
    page: guide("subscriptions"),
    block: '"reference_id": "MEMBER-1"',
    says: [/requires_payment/],
    pays: CARDS.firstOnly,
  },
  {
    page: guide("subscriptions"),
    block: "clock advance 30d",
    says: [/"status":"past_due"[\s\S]*"status":"unpaid"/, /"next_charge_at":null/],
  },
  { page: guide("subscriptions"), block: '"seconds": 604800', says: [/"done":true/] },
  {
    page: guide("subscriptions"),
    block: "mintro trigger",
    says: [/subscription\.renewed[\s\S]*subscription\.failed/],
  },
  { page: guide("subscriptions"), block: "subscription=", says: [/"status":"cancelled"/] },

  RECEIVER,
  { page: guide("webhooks"), block: "mintro listen --forward-to", isBeside: true, says: [/Ready\./] },
  {
    page: guide("webhooks"),
    block: "mintro trigger payment.succeeded",
    says: [/evt_/],
    heard: /^payment\.succeeded {2}\{"id":"evt_/m,
  },
  { page: guide("webhooks"), block: "mintro doctor", says: [/ 200 /, /Nothing wrong/] },
  { page: guide("webhooks"), block: '"url": "http://localhost:4000', says: [/"secret":"whsec_/] },
  { page: guide("webhooks"), block: "/test", says: [/"status_code":400/] }, // it knows listen's secret, not this one
  { page: guide("webhooks"), block: "-X PATCH", says: [/"enabled":true[\s\S]*"replayed":0/] },
  { page: guide("webhooks"), block: "rotate-secret", says: [/"secret":"whsec_/] },

  {
    page: guide("idempotency"),
    block: "create() {",
    says: [/"intent_id":"(pi_[\da-f-]+)"[\s\S]*idempotency-replayed: true[\s\S]*"intent_id":"\1"/i],
  },
  {
    page: guide("idempotency"),
    block: '"amount": 90',
    isRefused: true,
    says: [/The idempotency key was already used with another request\./],
  },
  { page: guide("idempotency"), block: "--key", says: [/intent +(pi_[\da-f-]+)[\s\S]*intent +\1/] },

  { page: guide("refunds"), block: "mintro trigger payment.succeeded", says: [/payment\.succeeded +evt_/] },
  { page: guide("refunds"), block: "refund-501", says: [/"amount":"25.00"/, /"status":"pending"/] },
  { page: guide("refunds"), block: "refund-503", says: [/"amount":"10.00"[\s\S]*"amount":"40.00"/] },
  { page: guide("refunds"), block: "mintro trigger refund.failed", says: [/refund\.failed +evt_/] },
  { page: guide("refunds"), block: "refund=", says: [/"status":"(?:pending|succeeded)"/] },

  {
    page: guide("testing"),
    block: "mintro trigger payment.refunded",
    says: [/"amount": "19.90"/, /"cart": "17"/, /subscription\.failed +the same/],
  },
  { page: guide("testing"), block: "advance --to", says: [/→ 2029-06-01T00:00:00/] },
  { page: guide("testing"), block: '"to": "2030-01-01', says: [/"now":"2030-01-01T00:00:00/] },
  { page: guide("testing"), block: '"skip": true', says: [/"done":true/] },
  { page: guide("testing"), block: "/pay/…", says: [/"status":"succeeded"/] },
  { page: guide("testing"), block: '"fault": "timeout_after"', says: [/"remaining":1/, /"remaining":3/] },
  { page: guide("testing"), block: "-X DELETE", says: [/"disarmed":4/] },

  {
    page: guide("going-live"),
    block: "clients create",
    says: [/X-Client-ID +test_[\s\S]*X-Client-ID +live_/],
  },
  { page: guide("going-live"), block: "rotate-secret", says: [/"client_secret":"sk_/] },
  { page: guide("going-live"), block: "clients revoke", says: [/is revoked/, /shop/] },

  { page: guide("moving-from-stripe-checkout"), block: "mintro listen", isBeside: true, says: [/Ready\./] },
  {
    page: guide("moving-from-stripe-checkout"),
    block: "mintro doctor",
    says: [/subscription\.failed/, /Nothing wrong/],
    heard: /subscription\.failed +evt_\S+ +200/,
  },
  { page: guide("moving-from-stripe-checkout"), block: "clock advance", says: [/→/] },
];

/** Samples that are not run, each with the reason. */
export const EXEMPT: readonly { readonly page: string; readonly block: string; readonly why: string }[] = [
  ...["git clone", "--since 1h", "createServer(", "MINTRO_WEBHOOK_URL=", "node receiver.js"].map((block) => ({
    page: "README.md",
    block,
    why: "the quick start, which server/test/processes/quick-start.test.ts does word for word from an empty folder",
  })),
  {
    page: "README.md",
    block: "Mintro.mountCheckout(",
    why: "the shortest form of docs/guides/embed/modal.html, which runs in Chromium; its paymentUrl is the reader's",
  },
  ...["webhooks", "examples"].map((name) => ({
    page: guide(name),
    block: "MINTRO_WEBHOOK_URL=",
    why: "starts a Mintro, as the quick start does; here one runs already",
  })),
  {
    page: "sdk/README.md",
    block: "npm install",
    why: "asks a registry; sdk/test/package.test.ts installs the tarball",
  },
  {
    page: guide("cli"),
    block: "export MINTRO_URL=",
    why: "somebody's other machine",
  },
  {
    page: guide("cli"),
    block: "mintro events tail",
    why: "four commands side by side, of which the first goes on; cli/src/merchant.test.ts and listen.test.ts run each",
  },
  {
    page: guide("cli"),
    block: "--check-once",
    why: "needs a receiver that counts; cli/src/doctor.test.ts has some, right and wrong",
  },
  {
    page: guide("going-live"),
    block: "DATABASE_URL=",
    why: "the settings of somebody's production; the test sees that each variable is in docs/operate/configuration.md",
  },
  ...["sessions.create(", "sessions.retrieve(", "constructEvent(", "createEmbeddedCheckoutPage("].map(
    (block) => ({
      page: guide("moving-from-stripe-checkout"),
      block,
      why: "the code that is moved away from, for another company's API; the test sees that it is JavaScript",
    }),
  ),
];

/** What the reader of a page has beside it already: a receiver of their own, for which that of another page stands here. */
export const BROUGHT_ALONG: readonly { readonly page: string; readonly from: Step }[] = [
  { page: guide("moving-from-stripe-checkout"), from: RECEIVER },
];

/** Whole programs but for two names, which the test gives them: `clientId` and `clientSecret`. */
export const MODULES = [{ page: "README.md", block: 'from "@mintro/sdk";' }] as const;
