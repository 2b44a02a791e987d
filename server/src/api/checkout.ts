/**
 * The hosted checkout page and what it asks for: /pay/{token}, its state, and the payment itself. The token is the
 * customer's right to see and pay one intent; whoever has no valid one gets the page for unknown links.
 */
import { gzipSync } from "node:zlib";
import type { AssetFile, CheckoutAssets } from "@mintro/checkout/assets";
import { choosePreference, renderPage } from "@mintro/checkout/page";
import type { CheckoutView, FieldsAnswer } from "@mintro/contract/checkout";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HTTP } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { type Books, booksOf } from "../domain/account.ts";
import type { AccountId, IntentId } from "../domain/ids.ts";
import { readPaymentToken, secretMatches } from "../domain/payment-token.ts";
import { type PayFailure, type PaymentInput, pay } from "../flows/charges/pay.ts";
import { resume } from "../flows/charges/resume.ts";
import { setUpFields } from "../flows/charges/set-up-fields.ts";
import { createDemoPayment } from "../flows/demo.ts";
import type { IntentCreator } from "../flows/intents/create.ts";
import { type showForCheckout as Show, showForCheckout } from "../flows/intents/show.ts";
import type { Platform } from "../flows/platform.ts";
import type { Collection, FieldSources } from "../processors/processor.ts";
import { findAccount } from "../store/accounts.ts";
import { failureAnswer, type RequestFailure, send, successBody } from "./answer.ts";
import type { CustomerPages } from "./customer-pages.ts";
import type { Guesses, Misuse } from "./misuse.ts";
import { readPayInput, readReturned, sendCardErrors, sendPayFailure } from "./pay-input.ts";
import { presentCheckout } from "./present.ts";
import { readBody } from "./request.ts";

export type CheckoutSettings = {
  readonly assets: CheckoutAssets;
  /** Who may frame the page and hear its events; null: any origin in test mode, none in live mode. */
  readonly allowedOrigins: readonly string[] | null;
  /** Whose demo payments `/pay/demo` makes; null: nobody's. */
  readonly demoAccount: AccountId | null;
};

type Shown = NonNullable<Awaited<ReturnType<typeof Show>>>;
export type Opened = { readonly books: Books; readonly intentId: IntentId; readonly shown: Shown };

type Given = {
  readonly settings: CheckoutSettings;
  readonly pages: CustomerPages;
  readonly misuse: Misuse;
};

type Parts = Given & {
  readonly platform: Platform;
  readonly openFor: (
    request: FastifyRequest<{ Params: Token }>,
  ) => Promise<Result<Opened | null, RequestFailure>>;
  readonly view: (opened: Opened) => CheckoutView;
};

export function checkoutRoutes(
  app: FastifyInstance,
  platform: Platform,
  creator: IntentCreator,
  given: Given,
): void {
  const { settings, pages, misuse } = given;
  const parts: Parts = {
    ...given,
    platform,
    openFor: (request) => openGuarded(platform, misuse.links, request),
    view: (opened) =>
      presentCheckout(opened.books.account, opened.shown, {
        postTo: originsFor(opened, settings),
        collection: collectionFor(platform, opened).by,
      }),
  };
  app.get("/pay/demo", async (request, reply) => {
    const heldUp = misuse.demo(request);
    if (heldUp) return pages.refuse(request, reply, heldUp);
    const { demoAccount } = settings;
    const url = demoAccount && (await createDemoPayment(platform, creator, demoAccount));
    if (url) return reply.redirect(url, 303);
    reply.callNotFound();
    return reply;
  });
  pageRoute(app, parts);
  callRoutes(app, parts);
  for (const [path, file] of settings.assets.files) {
    app.get(path, (request, reply) => sendAsset(request, reply, file));
  }
}

function pageRoute(app: FastifyInstance, { platform, settings, pages, openFor, view }: Parts): void {
  app.get("/pay/:token", async (request: FastifyRequest<{ Params: Token; Querystring: Query }>, reply) => {
    const found = await openFor(request);
    if (!found.ok) return pages.refuse(request, reply, found.failure);
    let opened = found.value;
    if (
      opened &&
      request.query["returned"] !== undefined &&
      opened.shown.intent.status === "requires_action"
    ) {
      const returned = readReturned(request.query);
      if (!returned.ok) return pages.refuse(request, reply, returned.failure);
      await resume(platform, opened.books, opened.intentId, returned.value);
      opened = await openCheckout(platform, request.params.token);
    }
    if (!opened)
      return sendPage(reply, pages.unknown(request), { status: 404, ancestors: "'none'", fields: null });
    const preference = choosePreference(request.headers["accept-language"]);
    const page = renderPage({ view: view(opened), ...preference, assets: settings.assets });
    return sendPage(reply, page, {
      status: 200,
      ancestors: frameAncestors(opened, settings),
      fields: fieldSources(platform, opened),
    });
  });
}

/** What the page itself asks for. */
function callRoutes(app: FastifyInstance, { platform, misuse, openFor, view }: Parts): void {
  const openKnown = async (request: FastifyRequest<{ Params: Token }>) => {
    const found = await openFor(request);
    if (!found.ok) return found;
    return found.value ? ok(found.value) : fail({ kind: "intent_not_found" } as const);
  };

  app.get("/pay/:token/state", async (request: FastifyRequest<{ Params: Token }>, reply) => {
    reply.header("cache-control", "no-store");
    const found = await openKnown(request);
    if (!found.ok) return send(reply, failureAnswer(found.failure));
    const opened = found.value;
    return send(reply, { status: 200, body: JSON.stringify(view(opened)) });
  });

  const small = { bodyLimit: HTTP.checkoutBodyBytes };
  app.post("/pay/:token/pay", small, async (request: FastifyRequest<{ Params: Token }>, reply) => {
    reply.header("cache-control", "no-store");
    const body = readBody(request.body);
    if (!body.ok) return send(reply, failureAnswer(body.failure));
    const found = await openKnown(request);
    if (!found.ok) return send(reply, failureAnswer(found.failure));
    const opened = found.value;
    const input = readPayInput(body.value);
    if (!input.ok) return sendCardErrors(reply, input.failure);
    const attempt = misuse.attempt(request, opened.books.account.accountId);
    if (!attempt.ok) return send(reply, failureAnswer(attempt.failure));
    const paid = await payAs(platform, attempt, opened, { token: request.params.token, input: input.value });
    if (paid.ok) return send(reply, { status: 200, body: successBody(JSON.stringify(view(paid.value))) });
    return sendPayFailure(reply, paid.failure);
  });

  app.post("/pay/:token/fields", small, async (request: FastifyRequest<{ Params: Token }>, reply) => {
    reply.header("cache-control", "no-store");
    const body = readBody(request.body);
    if (!body.ok) return send(reply, failureAnswer(body.failure));
    const found = await openKnown(request);
    if (!found.ok) return send(reply, failureAnswer(found.failure));
    const opened = found.value;
    const setUp = await setUpFields(platform, opened.books, opened.intentId);
    if (setUp.ok)
      return send(reply, { status: 200, body: JSON.stringify(setUp.value satisfies FieldsAnswer) });
    return setUp.failure.kind === "no_fields"
      ? send(reply, failureAnswer({ kind: "malformed", text: "This payment has no fields to set up." }))
      : send(reply, failureAnswer(setUp.failure));
  });
}

type Token = { readonly token: string };
type Query = Readonly<Record<string, unknown>>;

/** As `openCheckout`, for whoever may be guessing. */
async function openGuarded(
  platform: Platform,
  links: Guesses,
  request: FastifyRequest<{ Params: Token }>,
): Promise<Result<Opened | null, RequestFailure>> {
  const { token } = request.params;
  const heldUp = links.refuse(request, token);
  if (heldUp) return fail(heldUp);
  const opened = await openCheckout(platform, token);
  links.note(request, token, opened !== null);
  return ok(opened);
}

/** Pays, and gives back how the intent stands then. What is no decline, an error among it, is not held against anybody. */
async function payAs(
  platform: Platform,
  attempt: { readonly forgive: () => void },
  opened: Opened,
  { token, input }: { token: string; input: PaymentInput },
): Promise<Result<Opened, PayFailure>> {
  let declined = false;
  try {
    const paid = await pay(platform, opened.books, opened.intentId, input);
    declined = !paid.ok && paid.failure.kind === "card_refused";
    if (!paid.ok) return paid;
    const after = (await openCheckout(platform, token)) ?? opened;
    declined = paid.value === "taken" && leftUnpaid(after);
    return ok(after);
  } finally {
    if (!declined) attempt.forgive();
  }
}

/** What an attempt that was declined leaves behind. */
function leftUnpaid({ shown }: Opened): boolean {
  return shown.intent.status === "requires_payment" || shown.intent.status === "failed";
}

/** Null for a token that is malformed, unknown or wrong in its secret part. */
export async function openCheckout(platform: Platform, text: string): Promise<Opened | null> {
  const token = readPaymentToken(text);
  if (!token) return null;
  const account = await findAccount(platform.db, token.accountId);
  if (!account) return null;
  const books = booksOf(account, platform.world);
  const shown = await showForCheckout(platform, books, token.intentId);
  if (!shown || !secretMatches(token, shown.intent.facts.paySecret)) return null;
  return { books, intentId: token.intentId, shown };
}

function originsFor(opened: Opened, settings: CheckoutSettings): readonly string[] {
  return settings.allowedOrigins ?? (opened.books.account.mode === "test" ? ["*"] : []);
}

/** Where a card is typed; whoever has no processor is shown the form, and is told when it is sent. */
function collectionFor(platform: Platform, { books }: Opened): { by: "our_form" } | Collection {
  return platform.processors.forMode(books.account.mode)?.collection ?? { by: "our_form" };
}

function fieldSources(platform: Platform, opened: Opened): FieldSources | null {
  const collection = collectionFor(platform, opened);
  return collection.by === "own_fields" ? collection.sources : null;
}

/** The policy's source list: whoever may frame a page of this intent. */
export function frameAncestors(opened: Opened | null, settings: CheckoutSettings): string {
  if (opened?.shown.intent.facts.integration.type !== "iframe") return "'none'";
  const origins = originsFor(opened, settings);
  return origins.length === 0 ? "'none'" : origins.join(" ");
}

export type PageHeaders = {
  readonly status: number;
  /** As `frameAncestors` gives it. */
  readonly ancestors: string;
  /** What the processor's own fields need beside what is ours; null where there are none. */
  readonly fields: FieldSources | null;
};

export function sendPage(reply: FastifyReply, html: string, headers: PageHeaders): FastifyReply {
  const { status, ancestors, fields } = headers;
  const withFields = (kind: keyof FieldSources) =>
    (fields?.[kind] ?? []).map((origin) => ` ${origin}`).join("");
  const policy = [
    "default-src 'none'",
    `script-src 'self'${withFields("script")}`,
    `style-src 'self'${withFields("style")}`,
    `img-src 'self' data:${withFields("image")}`,
    `connect-src 'self'${withFields("connect")}`,
    ...(fields ? [`frame-src${withFields("frame") || " 'none'"}`] : []),
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${ancestors}`,
  ];
  if (ancestors === "'none'") reply.header("x-frame-options", "DENY");
  reply
    .code(status)
    .headers({
      "content-security-policy": policy.join("; "),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      vary: "accept-language, accept-encoding",
    })
    .type("text/html; charset=utf-8");
  if (!/\bgzip\b/.test(String(reply.request.headers["accept-encoding"] ?? ""))) return reply.send(html);
  // A third of the bytes for 0.05 ms. Nobody can have it made with a text of theirs beside a secret: no cookie is looked at.
  return reply.header("content-encoding", "gzip").send(gzipSync(html));
}

/** In the smallest encoding that the browser takes, or 304 where it has it already. */
export function sendAsset(request: FastifyRequest, reply: FastifyReply, file: AssetFile): FastifyReply {
  const accepts = String(request.headers["accept-encoding"] ?? "");
  reply
    .headers({ "cache-control": file.cacheControl, etag: file.etag, vary: "accept-encoding" })
    .type(file.contentType);
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  if (file.brotli && /\bbr\b/.test(accepts)) return reply.header("content-encoding", "br").send(file.brotli);
  if (file.gzip && /\bgzip\b/.test(accepts)) return reply.header("content-encoding", "gzip").send(file.gzip);
  return reply.send(file.body);
}
