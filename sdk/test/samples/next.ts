/** A receiver as a route handler of Next, app/webhooks/route.ts, or wherever a handler takes a web `Request`. */
import { verifyWebhook, type WebhookEvent } from "@mintro/sdk/webhooks";
import { keep, secret } from "./shop.ts";

export async function POST(request: Request): Promise<Response> {
  const body = await request.text();
  let event: WebhookEvent;
  try {
    event = verifyWebhook({ body, headers: request.headers, secret });
  } catch (error) {
    return new Response(String(error), { status: 400 });
  }
  await keep(event);
  return new Response("ok");
}
