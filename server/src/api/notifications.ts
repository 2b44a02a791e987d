/**
 * Where processors call us: POST /processors/{name}/notifications. No client is asked for: a call is authentic by the
 * processor's signature alone. 200 says that what there was to learn is committed; anything else, that it be sent again.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { NOTIFICATIONS } from "../base/limits.ts";
import { createWindowCounter } from "../base/window-counter.ts";
import { type Heard, hear } from "../flows/charges/hear.ts";
import type { Platform } from "../flows/platform.ts";
import { type Answer, failureAnswer, send, success } from "./answer.ts";
import type { Misuse } from "./misuse.ts";

type Name = { readonly name: string };

/** To be added in a context of its own: it reads bodies of every type, as they come. */
export function notificationRoutes(
  app: FastifyInstance,
  platform: Platform,
  { notifications: bad }: Misuse,
): void {
  const tell = createTeller(platform);
  let underWay = 0;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));

  app.post<{ Params: Name }>(
    "/processors/:name/notifications",
    {
      bodyLimit: NOTIFICATIONS.bodyBytes,
      // Before the body is read.
      onRequest: async (request, reply) => {
        reply.header("cache-control", "no-store");
        const heldUp = bad.refuse(request);
        return heldUp ? send(reply, failureAnswer(heldUp)) : undefined;
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      if (underWay >= NOTIFICATIONS.atOnce) return send(reply, failureAnswer({ kind: "unavailable" }));
      underWay += 1;
      try {
        const heard = await hear(platform, name, headersOf(request), body);
        if (heard.kind === "refused") bad.count(request);
        tell(name, heard);
        return send(reply, answerTo(heard));
      } finally {
        underWay -= 1;
      }
    },
  );
}

function headersOf(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}

function answerTo(heard: Heard): Answer {
  switch (heard.kind) {
    case "done":
    case "not_in_books": // sending it again would not help
      return success("{}");
    case "not_known_yet":
      return failureAnswer({ kind: "unavailable" });
    case "refused":
      return failureAnswer({ kind: "malformed", text: heard.why });
    case "no_such_processor":
      return failureAnswer({ kind: "unknown_route" });
  }
}

/** Once in a while for each processor: a line for each call would be one more thing to flood. */
function createTeller({ world, log }: Platform): (processor: string, heard: Heard) => void {
  const told = createWindowCounter(world, NOTIFICATIONS.lineEveryMs, 100);
  return (processor, heard) => {
    if (heard.kind !== "refused" && heard.kind !== "not_in_books") return;
    if (told.count(`${heard.kind}/${processor}`) > 1) return;
    if (heard.kind === "refused")
      log.warn({ processor, why: heard.why }, "a processor's notification was refused; nothing was changed");
    else log.warn({ processor }, "a processor's notification is about a payment that is not in the books");
  };
}
