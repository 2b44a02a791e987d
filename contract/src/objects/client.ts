/** Clients, as answers show them (contract section 6). */
import { z } from "zod";
import { PERMISSIONS } from "../vocabulary.ts";
import { EXAMPLE } from "./examples.ts";
import { instant, instantOrNull, said } from "./said.ts";

const client_id = said(z.string(), "What goes into `X-Client-ID`.", EXAMPLE.client);
const rest = {
  name: said(z.string(), "For people.", "Reports"),
  permissions: said(z.array(z.enum(PERMISSIONS)), "What it may do.", ["intents:read", "events:read"]),
  last_used_at: instantOrNull("Its last use, to the minute; null: never used.", EXAMPLE.paid),
  previous_secret_until: instantOrNull("Until when the secret before the last rotation opens too."),
  created_at: instant("When it was made.", "2026-11-23T04:32:39.188122Z"),
  revoked_at: instantOrNull("When it was revoked; null if it is in force."),
};

export const Client = z
  .strictObject({ client_id, ...rest })
  .meta({ id: "Client", description: "A key of the API, without its secret." });

export const ClientWithSecret = z
  .strictObject({
    client_id,
    client_secret: said(
      z.string(),
      "What goes into `X-Client-Secret`, shown this once.",
      "sk_mJ0Y5nq4tqZ1bT2c7uXvEw",
    ),
    ...rest,
  })
  .meta({ id: "ClientWithSecret", description: "A client, with the secret that was made just now." });
