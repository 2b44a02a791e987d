/** What the document says of itself, of authentication and of headers. */
import { EXAMPLE } from "@mintro/contract/objects/examples";

const API_VERSION = "0.1.0";

export const INFO = {
  title: "Mintro API",
  version: API_VERSION,
  summary: "Payments, subscriptions and customers.",
  description: `Everything under \`/api/platform\` speaks JSON and acts on the account of the client that asks, in test or in live mode.

**Authentication.** Send \`X-Client-ID\` and \`X-Client-Secret\` with every request.

**Idempotency.** Send an \`Idempotency-Key\` with each POST. For 24 hours the same key with the same path and body gets the first answer again, byte for byte, and nothing happens a second time. So after a timeout you send the request again.

**Money** comes in as a number or a decimal string and goes out as a decimal string in the currency's digits: \`"80.00"\` USD, \`"80"\` JPY, \`"80.000"\` KWD. **Times** are UTC with six decimals. **Ids** are a prefix and a UUID; paths take them with or without the prefix.

**Lists** are newest first. Pass the \`next_cursor\` of a page as \`cursor\` to get the next one; rows that are added meanwhile shift nothing.

**Answers** are 200 with \`{"success": true, "data": …}\`, or an error with \`{"success": false, "message": "…", "data": []}\`. Wrong fields are 422 with \`{"message": "The given data was invalid.", "errors": {…}}\`, all of them at once. An address that does not exist is 404, a method that it does not take 405. Later versions may add fields to answers.`,
  license: { name: "Apache-2.0", identifier: "Apache-2.0" },
};

export const SECURITY_SCHEMES = {
  ClientId: {
    type: "apiKey",
    in: "header",
    name: "X-Client-ID",
    description: `The client's id, such as \`${EXAMPLE.client}\`. Required, beside \`X-Client-Secret\`.`,
  },
  ClientSecret: {
    type: "apiKey",
    in: "header",
    name: "X-Client-Secret",
    description:
      "The client's secret, such as `sk_…`. Required, beside `X-Client-ID`. Keep it on your server.",
  },
};

export const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "Recommended. 1 to 255 visible ASCII characters, a UUID for example. For 24 hours, the same key with the same path and body gets the first answer again, and nothing happens twice.",
  schema: { type: "string", minLength: 1, maxLength: 257 },
  example: "2b244b3a-897f-4f3e-ad70-69ea39635b9e",
};

const count = { type: "integer", minimum: 0 };

export const HEADERS = {
  "X-Request-ID": {
    description: "This request's id, which the server's log knows too. Name it when you report a problem.",
    schema: { type: "string" },
    example: "req_3q2-7wABAgMEBQYH",
  },
  "Idempotency-Replayed": {
    description:
      "`true` where this is the first answer to this `Idempotency-Key`, once more. Absent otherwise.",
    schema: { type: "string", const: "true" },
    example: "true",
  },
  "Retry-After": {
    description: "Seconds to wait before sending the request again.",
    schema: { type: "integer", minimum: 1 },
    example: 1,
  },
  "X-RateLimit-Limit": {
    description: "Requests a second that this key may make. Absent where there is no limit.",
    schema: count,
    example: 1000,
  },
  "X-RateLimit-Remaining": {
    description: "How many of them are left in this second.",
    schema: count,
    example: 999,
  },
  "X-RateLimit-Reset": {
    description: "Seconds until the count begins anew.",
    schema: count,
    example: 1,
  },
};
