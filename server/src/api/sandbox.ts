/** The sandbox's own page: its 3-D Secure challenge, where a test customer completes or fails the authentication. */
import { renderChallengeOver, renderChallengePage } from "@mintro/checkout/challenge-page";
import { chooseLocale, choosePreference } from "@mintro/checkout/page";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HTTP } from "../base/limits.ts";
import { formatMinor, parseCurrency } from "../domain/money.ts";
import type { Platform } from "../flows/platform.ts";
import type { ChallengeDesk } from "../processors/sandbox/challenges.ts";
import { failureAnswer, send } from "./answer.ts";
import { type CheckoutSettings, frameAncestors, type Opened, openCheckout, sendPage } from "./checkout.ts";
import type { CustomerPages } from "./customer-pages.ts";
import type { Misuse } from "./misuse.ts";

type Id = { readonly id: string };

export function sandboxRoutes(
  app: FastifyInstance,
  platform: Platform,
  desk: ChallengeDesk,
  { settings, pages, misuse }: { settings: CheckoutSettings; pages: CustomerPages; misuse: Misuse },
): void {
  const { links } = misuse;
  /** The checkout that a challenge belongs to. */
  const openedFor = (back: string) => openCheckout(platform, new URL(back).pathname.split("/").at(-1) ?? "");

  const find = async (id: string) => {
    const challenge = await desk.find(id);
    if (!challenge) return null;
    const opened = await openedFor(challenge.returnUrl);
    // The platform knows first that an attempt is given up; the sandbox is told a moment later.
    const isOpen = challenge.state === "open" && opened !== null && isUnderWay(opened);
    return { challenge, opened, isOpen };
  };

  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_, body, done) =>
    done(null, body),
  );

  const unknown = (request: FastifyRequest, reply: FastifyReply) => {
    const locale = chooseLocale(request.headers["accept-language"]);
    const html = renderChallengeOver({ locale, assets: settings.assets });
    return sendPage(reply, html, { status: 404, ancestors: frameAncestors(null, settings), fields: null });
  };

  app.get("/sandbox/challenges/:id", async (request: FastifyRequest<{ Params: Id }>, reply) => {
    const { id } = request.params;
    const heldUp = links.refuse(request, id);
    if (heldUp) return pages.refuse(request, reply, heldUp);
    const found = await find(id);
    links.note(request, id, found !== null);
    if (!found) return unknown(request, reply);
    const { challenge, opened, isOpen } = found;
    const currency = challenge.state === "open" ? parseCurrency(challenge.currency) : undefined;
    if (!isOpen || challenge.state !== "open" || !currency)
      return reply.redirect(wayOn(challenge.returnUrl, opened), 303);
    const html = renderChallengePage({
      action: `./${id}`, // below whatever path the platform is served under
      state: `./${id}/state`,
      back: challenge.returnUrl,
      secondsLeft: secondsLeft(opened),
      merchant: challenge.merchantDescription,
      amount: formatMinor(challenge.amount, currency),
      currency,
      last4: challenge.last4,
      ...choosePreference(request.headers["accept-language"]),
      assets: settings.assets,
    });
    return sendPage(reply, html, { status: 200, ancestors: frameAncestors(opened, settings), fields: null });
  });

  stateRoute(app, misuse, async (id) => (await find(id))?.isOpen ?? null);
  const small = { bodyLimit: HTTP.checkoutBodyBytes };
  app.post("/sandbox/challenges/:id", small, async (request: FastifyRequest<{ Params: Id }>, reply) => {
    const result = new URLSearchParams(typeof request.body === "string" ? request.body : "").get("result");
    if (result !== "complete" && result !== "fail") {
      return send(reply, failureAnswer({ kind: "malformed", text: "The result must be complete or fail." }));
    }
    const { id } = request.params;
    const heldUp = links.refuse(request, id);
    if (heldUp) return pages.refuse(request, reply, heldUp);
    const answered = await desk.answer(id, result);
    links.note(request, id, answered !== null);
    return answered ? reply.redirect(answered.returnUrl, 303) : unknown(request, reply);
  });
}

/** What the challenge's page asks while it is open (checkout/src/challenge.ts). */
function stateRoute(
  app: FastifyInstance,
  { links }: Misuse,
  isOpen: (id: string) => Promise<boolean | null>,
): void {
  app.get("/sandbox/challenges/:id/state", async (request: FastifyRequest<{ Params: Id }>, reply) => {
    reply.header("cache-control", "no-store");
    const { id } = request.params;
    const heldUp = links.refuse(request, id);
    if (heldUp) return send(reply, failureAnswer(heldUp));
    const open = await isOpen(id);
    links.note(request, id, open !== null);
    if (open === null) return send(reply, failureAnswer({ kind: "unknown_route" }));
    return send(reply, { status: 200, body: JSON.stringify({ open }) });
  });
}

function isUnderWay({ shown }: Opened): boolean {
  return shown.intent.status === "requires_action" || shown.intent.status === "processing";
}

/** A paid link that is only visited again, as by the browser's Back, is not on the way from a challenge: it stays. */
function wayOn(returnUrl: string, opened: Opened | null): string {
  if (opened?.shown.intent.status !== "succeeded") return returnUrl;
  const url = new URL(returnUrl);
  url.searchParams.delete("returned");
  return url.href;
}

/** Until the attempt is given up, and a moment more. */
function secondsLeft(opened: Opened | null): number | null {
  const charge = opened?.shown.charge;
  if (!opened || charge?.status !== "requires_action") return null;
  return Number((charge.lookUpAt - opened.books.now()) / 1_000_000n) + 2;
}
