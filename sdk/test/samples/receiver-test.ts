/** What the README shows of a merchant's own test of a receiver. */
import { signWebhook } from "@mintro/sdk/webhooks";
import { app } from "./hono.ts";
import { secret } from "./shop.ts";

export async function receiverTakesAPayment(): Promise<boolean> {
  const webhook = signWebhook({
    event: { event: "payment.succeeded", intent_id: "pi_1", charge_id: 1, metadata: {} },
    secret,
  });
  const answer = await app.request("/webhooks", { method: "POST", ...webhook });
  return answer.status === 200;
}
