/**
 * Where processors call us: POST /processors/{name}/notifications, or below it the address of one account, for processors
 * that sign with a secret of each merchant. No client is asked for: a call is authentic by the
 * processor's signature alone. 200 says that what there was to learn is committed; anything else, that it be sent again.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { NOTIFICATIONS } from "../base/limits.ts";
import { createWindowCounter } from "../base/window-counter.ts";
import { parseAccountId } from "../domain/ids.ts";
import { type Heard, hear } from "../flows/charges/hear.ts";
import type { Platform } from "../flows/platform.ts";
import { type Answer, failureAnswer, send, success } from "./answer.ts";
import type { Misuse } from "./misuse.ts";

const PATHS = ["/processors/:name/notifications", "/processors/:name/notifications/:account"];
type Address = { readonly name: string; readonly account?: string };

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

  const options = {
    bodyLimit: NOTIFICATIONS.bodyBytes,
    // Before the body is read.
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header("cache-control", "no-store");
      const heldUp = bad.refuse(request);
      return heldUp ? send(reply, failureAnswer(heldUp)) : undefined;
    },
  };
  for (const path of PATHS) {
    app.post<{ Params: Address }>(path, options, async (request, reply) => {
      const { name, account } = request.params;
      const accountId = account === undefined ? null : parseAccountId(account);
      if (accountId === undefined) return send(reply, failureAnswer({ kind: "unknown_route" }));
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      if (underWay >= NOTIFICATIONS.atOnce) return send(reply, failureAnswer({ kind: "unavailable" }));
      underWay += 1;
      try {
        const heard = await hear(platform, name, { accountId, headers: headersOf(request), body });
        if (heard.kind === "refused") bad.count(request);
        tell(name, heard);
        return send(reply, answerTo(heard));
      } finally {
        underWay -= 1;
      }
    });
  }
}

function headersOf(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}

function answerTo(heard: Heard): Answer {
  switch (heard.kind) {
    case "done":
    case "nothing_for_us":
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
