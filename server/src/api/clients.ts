/** Routes under /api/platform/clients (contract section 6): keys made by a key with `clients:write`. */
import { validate } from "@mintro/contract/laravel-rules";
import type { Client, ClientWithSecret } from "@mintro/contract/objects/client";
import type { Wire } from "@mintro/contract/objects/said";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import { formatInstant } from "../base/instant.ts";
import { parseClientId } from "../domain/ids.ts";
import { issueClient } from "../flows/clients/issue.ts";
import { revoke } from "../flows/clients/revoke.ts";
import { rotateClient } from "../flows/clients/rotate.ts";
import type { Platform } from "../flows/platform.ts";
import { listClientsOf, type ManagedClient } from "../store/clients.ts";
import { type Answer, commandAnswer, failureAnswer, successBody } from "./answer.ts";
import { answerPage } from "./page.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "client_not_found" });

export function clientRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.listClients, (request) => list(platform, request));
  addRoute(app, platform, OPERATIONS.createClient, (request) => issue(platform, request));
  addRoute(app, platform, OPERATIONS.revokeClient, async ({ books, params, keyed }) => {
    const clientId = parseClientId(params["id"] ?? "");
    if (!clientId) return NOT_FOUND;
    const present = (client: ManagedClient) => successBody(presentClient(client));
    return commandAnswer(await revoke(platform, books, { clientId, keyed, present }));
  });
  addRoute(app, platform, OPERATIONS.rotateClientSecret, async ({ client: asker, params, keyed }) => {
    const clientId = parseClientId(params["id"] ?? "");
    if (!clientId) return NOT_FOUND;
    return commandAnswer(await rotateClient(platform, asker, { clientId, keyed, present: withSecret }));
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.listClients.query, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  return await answerPage(read.value, {
    parseId: parseClientId,
    find: (page) => listClientsOf(platform.db, books.account.accountId, page),
    place: (client) => ({ at: client.createdAt, id: client.clientId }),
    present: (client) => presentClient(client),
  });
}

async function issue(platform: Platform, { client: asker, body, keyed }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.createClient.body, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { name } = read.value;
  const permissions = [...new Set(read.value.permissions)];
  return commandAnswer(await issueClient(platform, asker, { name, permissions, keyed, present: withSecret }));
}

function withSecret(client: ManagedClient, secret: string): string {
  return successBody(presentClient(client, secret));
}

/** `secret` in the one answer that shows it. */
function presentClient(client: ManagedClient, secret?: string): string {
  const { lastUsedAt, previousSecretUntil, revokedAt } = client;
  const fields: Wire<typeof Client> & Partial<Wire<typeof ClientWithSecret>> = {
    client_id: client.clientId,
    ...(secret !== undefined && { client_secret: secret }),
    name: client.name,
    permissions: client.permissions,
    last_used_at: lastUsedAt && formatInstant(lastUsedAt),
    previous_secret_until: previousSecretUntil && formatInstant(previousSecretUntil),
    created_at: formatInstant(client.createdAt),
    revoked_at: revokedAt && formatInstant(revokedAt),
  };
  return JSON.stringify(fields);
}
