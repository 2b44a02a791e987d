/** The sandbox's own page: its 3-D Secure challenge, where a test customer completes or fails the authentication. */
import { renderChallengeOver, renderChallengePage } from "@mintro/checkout/challenge-page";
import { chooseLocale } from "@mintro/checkout/page";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { formatMinor, parseCurrency } from "../domain/money.ts";
import type { ChallengeDesk } from "../processors/sandbox/challenges.ts";
import { failureAnswer, send } from "./answer.ts";
import { type CheckoutSettings, sendPage } from "./checkout.ts";

type Id = { readonly id: string };

export function sandboxRoutes(app: FastifyInstance, desk: ChallengeDesk, settings: CheckoutSettings): void {
  // The page is shown inside the merchant's frame where the checkout is; what it asks for moves no money by itself.
  const ancestors = settings.allowedOrigins === null ? "*" : settings.allowedOrigins.join(" ") || "'none'";

  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_, body, done) =>
    done(null, body),
  );

  const over = (request: FastifyRequest, reply: FastifyReply, back: string | null) => {
    const locale = chooseLocale(request.headers["accept-language"]);
    const html = renderChallengeOver({ back, locale, assets: settings.assets });
    return sendPage(reply, html, back === null ? 404 : 200, ancestors);
  };

  app.get("/sandbox/challenges/:id", async (request: FastifyRequest<{ Params: Id }>, reply) => {
    const challenge = await desk.find(request.params.id);
    const currency = challenge?.state === "open" ? parseCurrency(challenge.currency) : undefined;
    if (challenge?.state !== "open" || !currency)
      return over(request, reply, challenge?.state === "answered" ? challenge.returnUrl : null);
    const html = renderChallengePage({
      action: `/sandbox/challenges/${request.params.id}`,
      merchant: challenge.merchantDescription,
      amount: formatMinor(challenge.amount, currency),
      currency,
      last4: challenge.last4,
      locale: chooseLocale(request.headers["accept-language"]),
      assets: settings.assets,
    });
    return sendPage(reply, html, 200, ancestors);
  });

  app.post("/sandbox/challenges/:id", async (request: FastifyRequest<{ Params: Id }>, reply) => {
    const result = new URLSearchParams(typeof request.body === "string" ? request.body : "").get("result");
    if (result !== "complete" && result !== "fail") {
      return send(reply, failureAnswer({ kind: "malformed", text: "The result must be complete or fail." }));
    }
    const answered = await desk.answer(request.params.id, result);
    return answered ? reply.redirect(answered.returnUrl, 303) : over(request, reply, null);
  });
}
