/** Routes under /api/platform/clients (contract section 6): keys made by a key with `clients:write`. */
import { listOfValues, oneOf, string } from "@mintro/contract/laravel-kinds";
import { required, validate } from "@mintro/contract/laravel-rules";
import type { FastifyInstance } from "fastify";
import { formatInstant } from "../base/instant.ts";
import { PERMISSIONS } from "../domain/account.ts";
import { parseClientId } from "../domain/ids.ts";
import { issueClient } from "../flows/clients/issue.ts";
import { revoke } from "../flows/clients/revoke.ts";
import { rotateClient } from "../flows/clients/rotate.ts";
import type { Platform } from "../flows/platform.ts";
import { listClientsOf, type ManagedClient } from "../store/clients.ts";
import { type Answer, commandAnswer, failureAnswer, successBody } from "./answer.ts";
import { answerPage, pageFields } from "./page.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "client_not_found" });

const createFields = {
  name: required(string({ max: 255 })),
  permissions: required(listOfValues(oneOf(PERMISSIONS), { max: 50 })),
};

export function clientRoutes(app: FastifyInstance, platform: Platform): void {
  const permission = "clients:write";
  addRoute(app, platform, {
    method: "GET",
    path: "/clients",
    permission,
    handle: (request) => list(platform, request),
  });
  addRoute(app, platform, {
    method: "POST",
    path: "/clients",
    permission,
    handle: (request) => issue(platform, request),
  });
  addRoute(app, platform, {
    method: "POST",
    path: "/clients/:id/revoke",
    permission,
    async handle({ books, params, keyed }) {
      const clientId = parseClientId(params["id"] ?? "");
      if (!clientId) return NOT_FOUND;
      const present = (client: ManagedClient) => successBody(presentClient(client));
      return commandAnswer(await revoke(platform, books, { clientId, keyed, present }));
    },
  });
  addRoute(app, platform, {
    method: "POST",
    path: "/clients/:id/rotate-secret",
    permission,
    async handle({ client: asker, params, keyed }) {
      const clientId = parseClientId(params["id"] ?? "");
      if (!clientId) return NOT_FOUND;
      return commandAnswer(await rotateClient(platform, asker, { clientId, keyed, present: withSecret }));
    },
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(pageFields, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  return await answerPage(read.value, {
    parseId: parseClientId,
    find: (page) => listClientsOf(platform.db, books.account.accountId, page),
    place: (client) => ({ at: client.createdAt, id: client.clientId }),
    present: (client) => presentClient(client),
  });
}

async function issue(platform: Platform, { client: asker, body, keyed }: ApiRequest): Promise<Answer> {
  const read = validate(createFields, body);
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
  return JSON.stringify({
    client_id: client.clientId,
    ...(secret !== undefined && { client_secret: secret }),
    name: client.name,
    permissions: client.permissions,
    last_used_at: lastUsedAt && formatInstant(lastUsedAt),
    previous_secret_until: previousSecretUntil && formatInstant(previousSecretUntil),
    created_at: formatInstant(client.createdAt),
    revoked_at: revokedAt && formatInstant(revokedAt),
  });
}
