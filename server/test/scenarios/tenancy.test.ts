/**
 * Books stay apart, on every route of the OpenAPI document: another account, and the other mode of the same merchant, ask for
 * whatever one account has, by its true ids. Each answer is 404, and not a row of the owner's changes. A route that this
 * file does not know fails it.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import {
  CARDS,
  checkoutState,
  eventually,
  type Merchant,
  pay,
  startPlatform,
  type TestPlatform,
} from "../support/platform.ts";
import { documentedRoutes, servedRoutes } from "../support/routes.ts";

type Ids = {
  readonly openIntent: string;
  readonly paidIntent: string;
  readonly reference: string;
  readonly charge: number;
  readonly refund: string;
  readonly subscription: string;
  readonly customer: string;
  readonly customerReference: string;
  readonly endpoint: string;
  readonly event: string;
  readonly client: string;
};

type Ask = {
  /** The path's last parts, `:id` filled in. */
  readonly at: (ids: Ids) => string;
  readonly body?: (ids: Ids) => unknown;
};

const API = "/api/platform";
const SPAN = () => ({ since: "2020-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z" });

/** Every route that takes an id, in an order in which the owner may use them all. */
const BY_ID: Readonly<Record<string, Ask>> = {
  "GET /intents/:id": { at: (ids) => `/intents/${ids.openIntent}` },
  "GET /intents/reference/:reference_id": { at: (ids) => `/intents/reference/${ids.reference}` },
  "POST /intents/:id/refunds": {
    at: (ids) => `/intents/${ids.paidIntent}/refunds`,
    body: () => ({ amount: 1, reason: "theft" }),
  },
  "GET /refunds/:id": { at: (ids) => `/refunds/${ids.refund}` },
  "POST /intents/:id/cancel": { at: (ids) => `/intents/${ids.openIntent}/cancel` },
  "GET /subscriptions/:id": { at: (ids) => `/subscriptions/${ids.subscription}` },
  "POST /subscriptions/:id/cancel": { at: (ids) => `/subscriptions/${ids.subscription}/cancel` },
  "GET /customers/:id": { at: (ids) => `/customers/${ids.customer}` },
  "GET /customers/reference/:customer_ref_id": {
    at: (ids) => `/customers/reference/${ids.customerReference}`,
  },
  "GET /events/:id": { at: (ids) => `/events/${ids.event}` },
  "GET /events/:id/deliveries": { at: (ids) => `/events/${ids.event}/deliveries` },
  "POST /events/:id/redeliver": {
    at: (ids) => `/events/${ids.event}/redeliver`,
    body: (ids) => ({ endpoint_id: ids.endpoint }),
  },
  "GET /webhook-endpoints/:id": { at: (ids) => `/webhook-endpoints/${ids.endpoint}` },
  "PATCH /webhook-endpoints/:id": {
    at: (ids) => `/webhook-endpoints/${ids.endpoint}`,
    body: () => ({ url: "http://127.0.0.1:9/stolen", events: ["payment.succeeded"] }),
  },
  "POST /webhook-endpoints/:id/rotate-secret": {
    at: (ids) => `/webhook-endpoints/${ids.endpoint}/rotate-secret`,
  },
  "POST /webhook-endpoints/:id/test": { at: (ids) => `/webhook-endpoints/${ids.endpoint}/test` },
  "POST /webhook-endpoints/:id/replay": {
    at: (ids) => `/webhook-endpoints/${ids.endpoint}/replay`,
    body: SPAN,
  },
  "DELETE /webhook-endpoints/:id": { at: (ids) => `/webhook-endpoints/${ids.endpoint}` },
  "POST /clients/:id/rotate-secret": { at: (ids) => `/clients/${ids.client}/rotate-secret` },
  "POST /clients/:id/revoke": { at: (ids) => `/clients/${ids.client}/revoke` },
};

const LIMIT = "limit=100";

/** Every route that takes none: what others see and do there is their own. Where ids may be named, they are the owner's. */
const WITHOUT_ID: Readonly<Record<string, readonly Ask[]>> = {
  "GET /intents": [
    { at: () => `/intents?${LIMIT}` },
    { at: (ids) => `/intents?${LIMIT}&customer_ref_id=${ids.customerReference}` },
  ],
  "POST /intents": [
    {
      at: () => "/intents",
      // The reference and the customer are the owner's too.
      body: (ids) => ({
        amount: 1,
        currency: "USD",
        intent_type: "one_time",
        email: "customer@example.com",
        name: "Somebody else",
        reference_id: ids.reference,
        customer_ref_id: ids.customerReference,
        integration_type: "iframe",
        order_items: [{ name: "A", quantity: 1, price: 1 }],
      }),
    },
  ],
  "GET /subscriptions": [{ at: () => `/subscriptions?${LIMIT}` }],
  "GET /customers": [{ at: () => `/customers?${LIMIT}` }],
  "GET /webhook-endpoints": [{ at: () => `/webhook-endpoints?${LIMIT}` }],
  "POST /webhook-endpoints": [
    { at: () => "/webhook-endpoints", body: () => ({ url: "https://example.com/hook" }) },
  ],
  "GET /events": [
    { at: () => `/events?${LIMIT}` },
    { at: (ids) => `/events?${LIMIT}&intent_id=${ids.paidIntent}` },
  ],
  "GET /clients": [{ at: () => `/clients?${LIMIT}` }],
  "POST /clients": [{ at: () => "/clients", body: () => ({ name: "mine", permissions: ["intents:read"] }) }],
  "GET /test/clock": [{ at: () => "/test/clock" }],
  "POST /test/clock/advance": [{ at: () => "/test/clock/advance", body: () => ({ seconds: 60 }) }],
  "GET /test/faults": [{ at: () => "/test/faults" }],
  "POST /test/faults": [
    { at: () => "/test/faults", body: () => ({ target: "charge", fault: "timeout_before", count: 1 }) },
  ],
  "DELETE /test/faults": [{ at: () => "/test/faults" }],
};

/** What needs no key: the same for everybody, or opened by a token alone (tested below). */
const OPEN: readonly RegExp[] = [
  /^GET \/(?:healthz|readyz|metrics|openapi\.json|embed\.js)$/,
  /^GET \/(?:docs(?:\/\*)?)?$/,
  /^GET \/pay\/demo$/,
  /^GET \/(?:pay\/)?assets\/[\w.-]+$/,
];
const BY_TOKEN = [
  "GET /pay/:token",
  "GET /pay/:token/state",
  "POST /pay/:token/pay",
  "POST /pay/:token/fields",
  "GET /sandbox/challenges/:id",
  "GET /sandbox/challenges/:id/state",
  "POST /sandbox/challenges/:id",
];

/** What a processor's signature opens, for the account that is signed: server/test/scenarios/notifications.test.ts. */
const BY_SIGNATURE = [
  "POST /processors/:name/notifications",
  "POST /processors/:name/notifications/:account",
];

let platform: TestPlatform;
let owner: Merchant;
let ids: Ids;
let database: pg.Client;
/** In the order of what they have in common with the owner: nothing, the mode, the merchant. */
let others: readonly { readonly who: string; readonly merchant: Merchant }[];

beforeAll(async () => {
  platform = await startPlatform();
  database = new pg.Client({ connectionString: platform.databaseUrl });
  await database.connect();
  const merchant = `Owner ${randomUUID()}`;
  owner = await newMerchant(platform, { merchant });
  others = [
    { who: "another merchant, in live mode", merchant: await newMerchant(platform, { mode: "live" }) },
    { who: "another merchant", merchant: await newMerchant(platform) },
    {
      who: "the same merchant, in live mode",
      merchant: await newMerchant(platform, { merchant, mode: "live" }),
    },
  ];
  ids = await fillBooks(merchant);
});

afterAll(async () => {
  await database.end();
});

/** Something of everything. */
async function fillBooks(merchant: string): Promise<Ids> {
  const endpoint = await owner.post("/webhook-endpoints", { url: platform.sink.url });
  const reference = `ORDER-${randomUUID()}`;
  const customerReference = `CUST-${randomUUID()}`;
  const change = { customer_ref_id: customerReference };
  const open = await owner.createIntent({ reference_id: reference, ...change });
  const paid = await owner.createIntent({ intent_type: "recurring", interval_days: 30, ...change });
  await pay(paid.payment_url);
  const { subscription_id, customer, charges } = await owner.intent(paid.intent_id);
  const refund = await owner.post(`/intents/${paid.intent_id}/refunds`, { amount: 5 });
  expect(refund.status, refund.text).toBe(200);
  // The fault below is for later: it must not meet the refund's own webhook.
  const refundId = refund.body.data.refund_id;
  await eventually(async () => (await owner.get(`/refunds/${refundId}`)).body.data.status === "succeeded");
  await platform.settled();
  await owner.post("/test/faults", { target: "delivery", fault: "drop", count: 1 });
  await owner.post("/test/faults", { target: "charge", fault: "timeout_before", count: 1 });
  const event = await eventually(async () => {
    const { data } = (await owner.get(`/events?intent_id=${paid.intent_id}`)).body;
    return data[0];
  });
  const client = await newMerchant(platform, { merchant, permissions: ["intents:read"] });
  return {
    openIntent: open.intent_id,
    paidIntent: paid.intent_id,
    reference,
    charge: charges[0].charge_id,
    refund: refundId,
    subscription: subscription_id,
    customer: customer.customer_id,
    customerReference,
    endpoint: endpoint.body.data.endpoint_id,
    event: event.event_id ?? event.id,
    client: client.clientId,
  };
}

/** Every row of the owner's account, in every table, the sandbox's too. */
async function ownersRows(): Promise<ReadonlyMap<string, string>> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.columns
      where column_name = 'account_id' and table_schema in ('public', 'sandbox') order by 1`,
  );
  expect(tables.length).toBeGreaterThan(15);
  const rows = new Map<string, string>();
  for (const { name } of tables) {
    const found = await database.query<{ text: string }>(
      `select coalesce(string_agg(t::text, e'\\n' order by t::text), '') as text from ${name} t
        where account_id = (select account_id from clients where client_id = $1)`,
      [owner.clientId],
    );
    rows.set(name, found.rows[0]?.text ?? "");
  }
  return rows;
}

/** Waits until nothing is under way any more, so that what changes afterwards was changed by whoever asked. */
async function quiet(): Promise<ReadonlyMap<string, string>> {
  await platform.settled();
  let before = await ownersRows();
  return await eventually(async () => {
    const now = await ownersRows();
    const same = [...now].every(([table, text]) => before.get(table) === text);
    before = now;
    return same && now;
  });
}

type Told = { readonly status: number; readonly text: string; readonly replayed: string | null };

async function tell(by: Merchant, route: string, path: string, body: unknown, key?: string): Promise<Told> {
  const [method = ""] = route.split(" ");
  const response = await fetch(`${platform.url}${API}${path}`, {
    method,
    headers: {
      "x-client-id": by.clientId,
      "x-client-secret": by.clientSecret,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key !== undefined && { "idempotency-key": key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    text: await response.text(),
    replayed: response.headers.get("idempotency-replayed"),
  };
}

/** The id as it is shown, as the bare UUID, and in capitals, which are the same id. */
function spellings(path: string): string[] {
  const bare = path.replace(/\b(?:pi|sub|cus|re|evt|we)_(?=[0-9a-f]{8}-)/, "");
  const capitals = bare.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, (uuid) => uuid.toUpperCase());
  return path.includes("/reference/") ? [path] : [...new Set([path, bare, capitals])];
}

it("this file knows every route that the document tells of, and every other that the server serves", async () => {
  const told = (await documentedRoutes(platform.url)).map((route) => route.replace(` ${API}`, " "));
  expect(Object.keys(BY_ID).sort()).toEqual(told.filter((route) => route.includes(":")).sort());
  expect(Object.keys(WITHOUT_ID).sort()).toEqual(told.filter((route) => !route.includes(":")).sort());
  const rest = servedRoutes(platform.running.app).filter((route) => !route.includes(` ${API}/`));
  const withoutKey = [...BY_TOKEN, ...BY_SIGNATURE];
  const isOpen = (route: string) => OPEN.some((pattern) => pattern.test(route));
  expect(rest.filter((route) => !withoutKey.includes(route) && !isOpen(route))).toEqual([]);
  expect(withoutKey.filter((route) => !rest.includes(route))).toEqual([]);
});

describe("another account and the other mode", () => {
  it("get 404 for every id that the owner has, on every route that takes one, and change nothing", async () => {
    const before = await quiet();
    for (const { who, merchant } of others) {
      for (const [route, { at, body }] of Object.entries(BY_ID)) {
        for (const path of spellings(at(ids))) {
          const told = await tell(merchant, route, path, body?.(ids));
          expect(told.status, `${route} by ${who}: ${told.text}`).toBe(404);
          expect(JSON.parse(told.text), route).toEqual({
            success: false,
            message: expect.any(String),
            data: [],
          });
        }
      }
    }
    expect(await ownersRows()).toEqual(before);
  });

  it("get 404 for them also where all else is wrong with the request", async () => {
    const before = await quiet();
    const wrong = { amount: "x\u0000", endpoint_id: 5, url: "x", since: "x", until: {}, events: [] };
    for (const { who, merchant } of others) {
      for (const [route, { at }] of Object.entries(BY_ID)) {
        const path = `${at(ids)}?limit=0&cursor=x`;
        const told = await tell(merchant, route, path, route.startsWith("GET ") ? undefined : wrong);
        expect(told.status, `${route} by ${who}: ${told.text}`).toBe(404);
      }
    }
    expect(await ownersRows()).toEqual(before);
  });

  it("find and change nothing of the owner's where no id is needed, whatever of the owner's they name", async () => {
    const before = await quiet();
    const { charge: _, reference: __, customerReference: ___, ...theirs } = ids; // numbers and names may be anybody's
    const secrets = [...Object.values(theirs), owner.clientId].map((id) => id.replace(/^[a-z]+_/, ""));
    for (const { who, merchant } of others) {
      for (const [route, asks] of Object.entries(WITHOUT_ID)) {
        for (const { at, body } of asks) {
          const told = await tell(merchant, route, at(ids), body?.(ids));
          expect([200, 400], `${route} by ${who}: ${told.text}`).toContain(told.status);
          for (const secret of secrets) expect(told.text, `${route} by ${who}`).not.toContain(secret);
        }
      }
    }
    expect(await ownersRows()).toEqual(before);
  });

  it("cannot name the owner's endpoint or charge beside an event or intent of their own", async () => {
    const other = others[1]?.merchant ?? owner;
    const { payment_url, intent_id } = await other.createIntent();
    await pay(payment_url, CARDS.visa);
    const event = await eventually(async () => (await other.get("/events")).body.data[0]);
    const before = await quiet();
    const redelivered = await other.post(`/events/${event.event_id ?? event.id}/redeliver`, {
      endpoint_id: ids.endpoint,
    });
    expect(redelivered.status, redelivered.text).toBe(404);
    const refunded = await other.post(`/intents/${intent_id}/refunds`, { charge_id: ids.charge });
    expect(refunded.status, refunded.text).toBe(422);
    const unknown = await other.post(`/intents/${intent_id}/refunds`, { charge_id: 9_007_199_254_740_991 });
    expect(refunded.text).toBe(unknown.text);
    expect(await ownersRows()).toEqual(before);
  });

  it("read nothing on with a cursor of the owner's lists", async () => {
    for (const list of ["/intents", "/events"]) {
      const { pagination } = (await owner.get(`${list}?limit=1`)).body;
      expect(pagination.next_cursor, list).toEqual(expect.any(String));
      for (const { merchant } of others) {
        const { text } = await merchant.get(`${list}?cursor=${pagination.next_cursor}`);
        for (const id of [ids.openIntent, ids.paidIntent, ids.event]) expect(text).not.toContain(id);
      }
    }
  });
});

describe("the owner", () => {
  it("gets another answer than 404 everywhere, and its keys replay that answer to nobody else", async () => {
    const keys = new Map<string, string>();
    for (const [route, { at, body }] of Object.entries(BY_ID)) {
      const key = randomUUID();
      const told = await tell(owner, route, at(ids), body?.(ids), key);
      expect(told.status, `${route}: ${told.text}`).toBe(200);
      keys.set(route, key);
    }
    const before = await quiet();
    for (const { who, merchant } of others) {
      for (const [route, key] of keys) {
        const ask = BY_ID[route];
        if (!ask || route.includes("/reference/")) continue; // the others have those references for themselves by now
        const told = await tell(merchant, route, ask.at(ids), ask.body?.(ids), key);
        expect([told.status, told.replayed], `${route} by ${who}: ${told.text}`).toEqual([404, null]);
      }
    }
    expect(await ownersRows()).toEqual(before);
  });
});

describe("a token of one intent", () => {
  /** Account, intent and secret, 16 bytes each (server/src/domain/payment-token.ts). */
  const partsOf = (paymentUrl: string) => {
    const bytes = Buffer.from(paymentUrl.split("/").at(-1) ?? "", "base64url");
    return [bytes.subarray(0, 16), bytes.subarray(16, 32), bytes.subarray(32)] as const;
  };

  it("opens no other, neither of the same account nor of another, by whatever parts it is put together", async () => {
    const [one, other] = [await newMerchant(platform), await newMerchant(platform)];
    const urls = [
      (await one.createIntent()).payment_url,
      (await one.createIntent()).payment_url,
      (await other.createIntent()).payment_url,
    ];
    const parts = urls.map(partsOf);
    const card = JSON.stringify({ name: "A", number: CARDS.visa, expiry: "12/40", cvc: "123" });
    const headers = { "content-type": "application/json" };
    let tried = 0;
    for (const [account] of parts)
      for (const [, intent] of parts)
        for (const [, , secret] of parts) {
          const token = Buffer.concat([account, intent, secret]).toString("base64url");
          if (urls.some((url) => url.endsWith(token))) continue;
          tried += 1;
          const at = `${platform.url}/pay/${token}`;
          expect((await fetch(at)).status).toBe(404);
          expect((await fetch(`${at}/state`)).status).toBe(404);
          expect((await fetch(`${at}/pay`, { method: "POST", headers, body: card })).status).toBe(404);
        }
    expect(tried).toBeGreaterThanOrEqual(20);
    for (const url of urls) expect((await checkoutState(url)).status).toBe("requires_payment");
  });

  it("of a challenge opens no other account's", async () => {
    const [one, other] = [await newMerchant(platform), await newMerchant(platform)];
    const { payment_url } = await one.createIntent();
    const { challenge_url } = await pay(payment_url, CARDS.challengeThenSucceeds);
    const at = new URL(challenge_url ?? "");
    const ref = Buffer.from(at.pathname.split("/").at(-1) ?? "", "base64url");
    const [account] = partsOf((await other.createIntent()).payment_url);
    const swapped = Buffer.concat([account, ref.subarray(16)]).toString("base64url");
    const [ours, theirs] = [at.href, new URL(`./${swapped}`, at).href];
    const body = "result=complete";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await fetch(theirs)).status).toBe(404);
    expect((await fetch(theirs, { method: "POST", headers, body })).status).toBe(404);
    expect((await fetch(ours)).status).toBe(200);
    expect((await checkoutState(payment_url)).status).toBe("requires_action");
  });
});
