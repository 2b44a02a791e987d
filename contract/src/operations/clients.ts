/** Operations on clients (contract section 6): keys made by a key with `clients:write`. */
import { listOfValues, oneOf, string } from "../laravel-kinds.ts";
import { required } from "../laravel-rules.ts";
import { PERMISSIONS } from "../vocabulary.ts";
import { pageFields } from "./kinds.ts";
import { operation } from "./operation.ts";
import { clientParam } from "./params.ts";

const tag = "Clients";
const permission = "clients:write";

export const createClient = operation({
  operationId: "createClient",
  method: "POST",
  path: "/clients",
  tag,
  permission,
  summary: "Create a client",
  description:
    "Makes another key for the account and mode of the asking one. The answer shows its secret, this once. A key can give only permissions that it has itself: 403 names the first that it lacks. An account has at most 100 clients that are not revoked.",
  body: {
    name: required(string({ max: 255 }), { description: "For people.", example: "Reports" }),
    permissions: required(listOfValues(oneOf(PERMISSIONS), { max: 50 }), {
      description: "What it may do.",
      example: ["intents:read", "events:read"],
    }),
  },
  shape: "one",
  failures: ["too_many_clients"],
});

export const listClients = operation({
  operationId: "listClients",
  method: "GET",
  path: "/clients",
  tag,
  permission,
  summary: "List clients",
  description: "Newest first, revoked ones included.",
  query: pageFields,
  shape: "page",
  failures: [],
});

export const revokeClient = operation({
  operationId: "revokeClient",
  method: "POST",
  path: "/clients/{id}/revoke",
  tag,
  permission,
  summary: "Revoke a client",
  description:
    "Ends a client and all its secrets at once, also the asking one. A secret that leaked is ended so, not by rotating. Again: the same answer.",
  params: clientParam,
  shape: "one",
  failures: ["client_not_found"],
});

export const rotateClientSecret = operation({
  operationId: "rotateClientSecret",
  method: "POST",
  path: "/clients/{id}/rotate-secret",
  tag,
  permission,
  summary: "Rotate a client's secret",
  description:
    "Makes a new secret and shows it, this once. The one before opens too for 24 hours. It takes every permission that the client has, since whoever gets the secret can use them.",
  params: clientParam,
  shape: "one",
  failures: ["client_not_found", "client_revoked"],
});
