/** A receiver in Fastify: JSON stays raw within this plugin, and is parsed elsewhere. */
import { verifyWebhook, type WebhookEvent } from "@mintro/sdk/webhooks";
import Fastify from "fastify";
import { keep, secret } from "./shop.ts";

export const app = Fastify();

app.register(async (webhooks) => {
  webhooks.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  webhooks.post<{ Body: Buffer }>("/webhooks", async (request, reply) => {
    let event: WebhookEvent;
    try {
      event = verifyWebhook({ body: request.body, headers: request.headers, secret });
    } catch (error) {
      return reply.code(400).send(String(error));
    }
    await keep(event);
    return "ok";
  });
});
