/**
 * Sends one signed `endpoint.test` to one endpoint and says what came of it. It is a try and no event: it happened to no
 * intent, so it stands in no list, is not repeated, and counts neither for nor against the endpoint's health.
 */
import { formatInstant } from "../../base/instant.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import { type EndpointId, newEventId, showEndpointId, showEventId } from "../../domain/ids.ts";
import { findEndpoint, secretsOfEndpoint } from "../../store/webhooks.ts";
import { type Answered, findKey, type Keyed, type KeyFailure, once, replay } from "../once.ts";
import type { Platform } from "../platform.ts";
import type { EndpointMissing } from "./change-endpoint.ts";
import { signedHeaders } from "./deliver.ts";
import type { SendOutcome } from "./send.ts";

/** The platform is stopping, and broke the try off by itself. */
export type Interrupted = { readonly kind: "unavailable" };
export type TestTry = { readonly webhookId: string; readonly outcome: SendOutcome };

/**
 * The answer is kept under the key once the try is over. Since a try leaves nothing behind, two requests with one key that
 * overlap may both make it; both get the answer of the one that ended first.
 */
export async function testEndpoint(
  platform: Platform,
  books: Books,
  command: {
    readonly endpointId: EndpointId;
    readonly keyed: Keyed | null;
    readonly present: (made: TestTry) => string;
  },
): Promise<Result<Answered, EndpointMissing | Interrupted | KeyFailure>> {
  const { accountId } = books.account;
  const { keyed } = command;
  const known = keyed && (await findKey(platform.db, platform.world, accountId, keyed.key));
  if (known && keyed) return replay(known, keyed);
  const made = await tryEndpoint(platform, books, command.endpointId);
  if (!made) return fail({ kind: "endpoint_not_found" });
  if (platform.breakingOff.aborted && made.outcome.status === null) return fail({ kind: "unavailable" });
  return await once<never>(platform, accountId, keyed, async () => ok(command.present(made)));
}

async function tryEndpoint(
  platform: Platform,
  books: Books,
  endpointId: EndpointId,
): Promise<TestTry | null> {
  const { accountId } = books.account;
  const [endpoint, secrets] = await Promise.all([
    findEndpoint(platform.db, accountId, endpointId),
    secretsOfEndpoint(platform.db, accountId, endpointId, platform.world.now()),
  ]);
  if (!endpoint || !secrets) return null;
  const at = books.now();
  const webhookId = showEventId(newEventId({ at, random: platform.world.random }));
  const body = JSON.stringify({
    id: webhookId,
    event: "endpoint.test",
    created_at: formatInstant(at),
    endpoint_id: showEndpointId(endpointId),
    message: "This is a test of your webhook endpoint. Nothing was paid.",
  });
  const headers = signedHeaders(platform, { ...secrets, accountId, endpointId }, { id: webhookId, body });
  const { url } = endpoint;
  const outcome = await platform.sender.send({ url, headers, body, signal: platform.breakingOff });
  return { webhookId, outcome };
}
