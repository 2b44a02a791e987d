/** A receiver in Express 4 or 5: the body of this one route stays raw. */
import { verifyWebhook, type WebhookEvent } from "@mintro/sdk/webhooks";
import express from "express";
import { keep, secret } from "./shop.ts";

export const app = express();

app.post("/webhooks", express.raw({ type: "application/json" }), async (request, response) => {
  let event: WebhookEvent;
  try {
    event = verifyWebhook({ body: request.body, headers: request.headers, secret });
  } catch (error) {
    response.status(400).send(String(error));
    return;
  }
  await keep(event);
  response.sendStatus(200);
});

app.use(express.json()); // for the routes after it
