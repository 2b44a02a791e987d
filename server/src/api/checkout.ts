/**
 * The hosted checkout page and what it asks for: /pay/{token}, its state, and the payment itself. The token is the
 * customer's right to see and pay one intent; whoever has no valid one gets the page for unknown links.
 */

import type { AssetFile, CheckoutAssets } from "@mintro/checkout/assets";
import { chooseLocale, renderPage } from "@mintro/checkout/page";
import type { CardErrors, CardInput } from "@mintro/contract/checkout";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Json } from "../base/json.ts";
import { HTTP } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { type Books, booksOf } from "../domain/account.ts";
import type { AccountId, IntentId } from "../domain/ids.ts";
import { readPaymentToken, secretMatches } from "../domain/payment-token.ts";
import { type PayFailure, pay } from "../flows/charges/pay.ts";
import { resume } from "../flows/charges/resume.ts";
import { createDemoPayment } from "../flows/demo.ts";
import type { IntentCreator } from "../flows/intents/create.ts";
import { type showForCheckout as Show, showForCheckout } from "../flows/intents/show.ts";
import type { Platform } from "../flows/platform.ts";
import { findAccount } from "../store/accounts.ts";
import { failureAnswer, type RequestFailure, send, successBody } from "./answer.ts";
import type { Guesses, Misuse } from "./misuse.ts";
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
type Opened = { readonly books: Books; readonly intentId: IntentId; readonly shown: Shown };

export function checkoutRoutes(
  app: FastifyInstance,
  platform: Platform,
  creator: IntentCreator,
  settings: CheckoutSettings,
  misuse: Misuse,
): void {
  const openFor = (request: FastifyRequest<{ Params: Token }>) =>
    openGuarded(platform, misuse.links, request);
  const view = (opened: Opened) =>
    presentCheckout(opened.books.account, opened.shown, originsFor(opened, settings));

  app.get("/pay/demo", async (request, reply) => {
    const heldUp = misuse.demo(request);
    if (heldUp) return send(reply, failureAnswer(heldUp));
    const { demoAccount } = settings;
    const url = demoAccount && (await createDemoPayment(platform, creator, demoAccount));
    if (url) return reply.redirect(url, 303);
    reply.callNotFound();
    return reply;
  });

  app.get("/pay/:token", async (request: FastifyRequest<{ Params: Token; Querystring: Returned }>, reply) => {
    const found = await openFor(request);
    if (!found.ok) return send(reply, failureAnswer(found.failure));
    let opened = found.value;
    if (opened && request.query.returned !== undefined && opened.shown.intent.status === "requires_action") {
      await resume(platform, opened.books, opened.intentId);
      opened = await openCheckout(platform, request.params.token);
    }
    const locale = chooseLocale(request.headers["accept-language"]);
    const page = renderPage({ view: opened && view(opened), locale, assets: settings.assets });
    return sendPage(reply, page, opened ? 200 : 404, frameAncestors(opened, settings));
  });

  app.get("/pay/:token/state", async (request: FastifyRequest<{ Params: Token }>, reply) => {
    reply.header("cache-control", "no-store");
    const found = await openFor(request);
    if (!found.ok) return send(reply, failureAnswer(found.failure));
    const opened = found.value;
    if (!opened) return send(reply, failureAnswer({ kind: "intent_not_found" }));
    return send(reply, { status: 200, body: JSON.stringify(view(opened)) });
  });

  const small = { bodyLimit: HTTP.checkoutBodyBytes };
  app.post("/pay/:token/pay", small, async (request: FastifyRequest<{ Params: Token }>, reply) => {
    reply.header("cache-control", "no-store");
    const body = readBody(request.body);
    if (!body.ok) return send(reply, failureAnswer(body.failure));
    const found = await openFor(request);
    if (!found.ok) return send(reply, failureAnswer(found.failure));
    const opened = found.value;
    if (!opened) return send(reply, failureAnswer({ kind: "intent_not_found" }));
    const card = readCard(body.value);
    if (!card.ok) return sendCardErrors(reply, card.errors);
    const attempt = misuse.attempt(request, opened.books.account.accountId);
    if (!attempt.ok) return send(reply, failureAnswer(attempt.failure));
    const paid = await payAs(platform, attempt, opened, { token: request.params.token, card: card.card });
    if (paid.ok) return send(reply, { status: 200, body: successBody(JSON.stringify(view(paid.value))) });
    return paid.failure.kind === "card_refused"
      ? sendCardErrors(reply, paid.failure.errors)
      : send(reply, failureAnswer(paid.failure));
  });

  for (const [path, file] of settings.assets.files) {
    app.get(path, (request, reply) => sendAsset(request, reply, file));
  }
}

type Token = { readonly token: string };
type Returned = { readonly returned?: string };

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
  { token, card }: { token: string; card: CardInput },
): Promise<Result<Opened, PayFailure>> {
  let declined = false;
  try {
    const paid = await pay(platform, opened.books, opened.intentId, card);
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

/** The policy's source list: whoever may frame a page of this intent. */
export function frameAncestors(opened: Opened | null, settings: CheckoutSettings): string {
  if (opened?.shown.intent.facts.integration.type !== "iframe") return "'none'";
  const origins = originsFor(opened, settings);
  return origins.length === 0 ? "'none'" : origins.join(" ");
}

export function sendPage(reply: FastifyReply, html: string, status: number, ancestors: string): FastifyReply {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${ancestors}`,
  ];
  if (ancestors === "'none'") reply.header("x-frame-options", "DENY");
  return reply
    .code(status)
    .headers({
      "content-security-policy": policy.join("; "),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      vary: "accept-language",
    })
    .type("text/html; charset=utf-8")
    .send(html);
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

function sendCardErrors(reply: FastifyReply, errors: CardErrors): FastifyReply {
  return send(reply, { status: 422, body: JSON.stringify({ success: false, errors }) });
}

const CARD_FIELDS = ["name", "number", "expiry", "cvc"] as const;

function readCard(body: Json | undefined): { ok: true; card: CardInput } | { ok: false; errors: CardErrors } {
  const given = new Map(typeof body === "object" && body !== null ? Object.entries(body) : []);
  const errors: CardErrors = {};
  const card = { name: "", number: "", expiry: "", cvc: "" };
  for (const field of CARD_FIELDS) {
    const value = given.get(field);
    if (typeof value === "string" && value.trim() !== "") card[field] = value.trim();
    else
      errors[field] =
        value === undefined || value === null || typeof value === "string" ? "required" : "invalid";
  }
  return Object.keys(errors).length > 0 ? { ok: false, errors } : { ok: true, card };
}
