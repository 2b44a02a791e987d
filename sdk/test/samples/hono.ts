/** A receiver in Hono, on Node, Bun, Deno or at the edge. */
import { verifyWebhook, type WebhookEvent } from "@mintro/sdk/webhooks";
import { Hono } from "hono";
import { keep, secret } from "./shop.ts";

export const app = new Hono();

app.post("/webhooks", async (c) => {
  const body = await c.req.text();
  let event: WebhookEvent;
  try {
    event = verifyWebhook({ body, headers: c.req.raw.headers, secret });
  } catch (error) {
    return c.text(String(error), 400);
  }
  await keep(event);
  return c.text("ok");
});
