/** What the checkout page sends to be paid with, what a customer brings back from a challenge, and how a refusal is answered. */
import type { CardErrors } from "@mintro/contract/checkout";
import type { FastifyReply } from "fastify";
import type { Json } from "../base/json.ts";
import { RETURNED } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Returned } from "../domain/charge.ts";
import type { PayFailure, PaymentInput } from "../flows/charges/pay.ts";
import { failureAnswer, notTried, type RequestFailure, send } from "./answer.ts";

const CARD_FIELDS = ["name", "number", "expiry", "cvc"] as const;

/** A token of the processor's own fields, else a card; a field that is missing or no text is named. */
export function readPayInput(body: Json | undefined): Result<PaymentInput, CardErrors> {
  const given = new Map(typeof body === "object" && body !== null ? Object.entries(body) : []);
  const token = given.get("token");
  if (typeof token === "string" && token !== "" && token.length <= RETURNED.tokenChars && isStorable(token))
    return ok({ token });
  const errors: CardErrors = {};
  const card = { name: "", number: "", expiry: "", cvc: "" };
  for (const field of CARD_FIELDS) {
    const value = given.get(field);
    if (typeof value === "string" && value.trim() !== "") card[field] = value.trim();
    else
      errors[field] =
        value === undefined || value === null || typeof value === "string" ? "required" : "invalid";
  }
  return Object.keys(errors).length > 0 ? fail(errors) : ok({ card });
}

/** The parameters that a processor added to the page's address: all but our own `returned`. */
export function readReturned(query: Readonly<Record<string, unknown>>): Result<Returned, RequestFailure> {
  const added = Object.entries(query).filter(([name]) => name !== "returned");
  const chars = added.reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
  const isReadable = added.every(
    ([name, value]) => isStorable(name) && typeof value === "string" && isStorable(value),
  );
  if (!isReadable || added.length > RETURNED.parameters || chars > RETURNED.chars)
    return fail({ kind: "malformed", text: "The parameters of this address cannot be read." });
  return ok(Object.fromEntries(added.map(([name, value]) => [name, String(value)])));
}

/** PostgreSQL takes neither a NUL nor half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

export function sendPayFailure(reply: FastifyReply, failure: PayFailure): FastifyReply {
  switch (failure.kind) {
    case "card_refused":
      return sendCardErrors(reply, failure.errors);
    case "other_input_wanted":
      return send(
        reply,
        failureAnswer({ kind: "malformed", text: "The card cannot be taken this way. Load the page again." }),
      );
    case "processor_unavailable":
      return send(reply, notTried(failureAnswer(failure)));
    case "intent_not_found":
    case "no_processor":
      return send(reply, failureAnswer(failure));
  }
}

export function sendCardErrors(reply: FastifyReply, errors: CardErrors): FastifyReply {
  return send(reply, { status: 422, body: JSON.stringify({ success: false, errors }) });
}
