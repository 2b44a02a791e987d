/** The sandbox's own page: its 3-D Secure challenge, where a test customer completes or fails the authentication. */
import { renderChallengeOver, renderChallengePage } from "@mintro/checkout/challenge-page";
import { chooseLocale } from "@mintro/checkout/page";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HTTP } from "../base/limits.ts";
import { formatMinor, parseCurrency } from "../domain/money.ts";
import type { Platform } from "../flows/platform.ts";
import type { ChallengeDesk } from "../processors/sandbox/challenges.ts";
import { failureAnswer, send } from "./answer.ts";
import { type CheckoutSettings, frameAncestors, openCheckout, sendPage } from "./checkout.ts";
import type { Misuse } from "./misuse.ts";

type Id = { readonly id: string };

export function sandboxRoutes(
  app: FastifyInstance,
  platform: Platform,
  desk: ChallengeDesk,
  settings: CheckoutSettings,
  { links }: Misuse,
): void {
  /** Shown inside the merchant's frame where the checkout itself is, and nowhere else. */
  const ancestorsFor = async (back: string | null) => {
    const token = back === null ? undefined : new URL(back).pathname.split("/").at(-1);
    return frameAncestors(token === undefined ? null : await openCheckout(platform, token), settings);
  };

  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_, body, done) =>
    done(null, body),
  );

  const over = async (request: FastifyRequest, reply: FastifyReply, back: string | null) => {
    const locale = chooseLocale(request.headers["accept-language"]);
    const html = renderChallengeOver({ back, locale, assets: settings.assets });
    return sendPage(reply, html, back === null ? 404 : 200, await ancestorsFor(back));
  };

  app.get("/sandbox/challenges/:id", async (request: FastifyRequest<{ Params: Id }>, reply) => {
    const { id } = request.params;
    const heldUp = links.refuse(request, id);
    if (heldUp) return send(reply, failureAnswer(heldUp));
    const challenge = await desk.find(id);
    links.note(request, id, challenge !== null);
    const currency = challenge?.state === "open" ? parseCurrency(challenge.currency) : undefined;
    if (challenge?.state !== "open" || !currency) return over(request, reply, challenge?.returnUrl ?? null);
    const html = renderChallengePage({
      action: `./${id}`, // below whatever path the platform is served under
      merchant: challenge.merchantDescription,
      amount: formatMinor(challenge.amount, currency),
      currency,
      last4: challenge.last4,
      locale: chooseLocale(request.headers["accept-language"]),
      assets: settings.assets,
    });
    return sendPage(reply, html, 200, await ancestorsFor(challenge.returnUrl));
  });

  const small = { bodyLimit: HTTP.checkoutBodyBytes };
  app.post("/sandbox/challenges/:id", small, async (request: FastifyRequest<{ Params: Id }>, reply) => {
    const result = new URLSearchParams(typeof request.body === "string" ? request.body : "").get("result");
    if (result !== "complete" && result !== "fail") {
      return send(reply, failureAnswer({ kind: "malformed", text: "The result must be complete or fail." }));
    }
    const { id } = request.params;
    const heldUp = links.refuse(request, id);
    if (heldUp) return send(reply, failureAnswer(heldUp));
    const answered = await desk.answer(id, result);
    links.note(request, id, answered !== null);
    return answered ? reply.redirect(answered.returnUrl, 303) : over(request, reply, null);
  });
}
