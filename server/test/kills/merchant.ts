/** What a merchant's server asks of the platform, with the care that a good one takes: keys, and retries after lost answers. */

import type { Chance } from "../simulation/chance.ts";
import { type Answer, type Ask, isTryAgain, type Json, type Net } from "./net.ts";
import type { Stage } from "./stage.ts";
import type { Client, Told, ToldIntent } from "./told.ts";

export type Merchant = {
  readonly client: Client;
  readonly chance: Chance;
  get(path: string): Promise<Answer>;
  /** Under a key of its own, again and again until it is answered; at times twice at once. */
  post(what: string, path: string, body?: object, timeoutMs?: number): Promise<Answer>;
  create(change?: object): Promise<ToldIntent>;
};

const AMOUNTS = [
  ["USD", "80.00"],
  ["EUR", "12.34"],
  ["JPY", "5000"],
  ["KWD", "7.125"],
  ["USD", "99999.99"],
] as const;

export function createMerchant(stage: Stage, net: Net, told: Told, client: Client): Merchant {
  const chance = stage.chance.fork(`merchant ${client.name}`);
  let keys = 0;
  const merchant: Merchant = {
    client,
    chance,
    get: (path) => net.insist({ method: "GET", path: `/api/platform${path}`, headers: client.headers }),
    async post(what, path, body = {}, timeoutMs) {
      const key = `${stage.seed}-${client.name}-${++keys}`;
      const request: Ask = {
        method: "POST",
        path: `/api/platform${path}`,
        headers: { ...client.headers, "idempotency-key": key },
        body,
        ...(timeoutMs !== undefined && { timeoutMs }),
      };
      const insist = async () => {
        const answer = await net.insist(request, () => stage.count(`${what}: sent again under the same key`));
        if (answer.status === 200) told.answer(client, request, key, answer);
        return answer;
      };
      if (!chance.flip(0.05)) return await insist();
      stage.count(`${what}: sent twice at once under one key`);
      const [first] = await Promise.all([insist(), insist()]);
      return first;
    },
    async create(change = {}) {
      const [currency, amount] = chance.pick(AMOUNTS);
      const reference = `ORDER-${stage.seed}-${client.name}-${++keys}`;
      const body = anIntent({ amount, currency, reference_id: reference, ...change });
      const made = chance.flip(0.7)
        ? shown(stage, await merchant.post("creations", "/intents", body), amount)
        : await createWithoutKey(stage, net, merchant, body, reference);
      stage.count("creations told");
      return told.intent({
        client,
        id: made.intent_id,
        amount,
        currency,
        reference,
        paymentUrl: made.payment_url,
      });
    },
  };
  return merchant;
}

function anIntent(change: object): object {
  return {
    intent_type: "one_time",
    email: "customer@example.com",
    name: "John Doe",
    integration_type: "iframe",
    metadata: { internal_id: "999" },
    order_items: [{ name: "Product 1", quantity: 1, price: 50 }],
    ...change,
  };
}

/** Where the answer is lost, it asks by its own reference, and creates again what is not there. */
async function createWithoutKey(
  stage: Stage,
  net: Net,
  merchant: Merchant,
  body: object,
  reference: string,
): Promise<Json> {
  const { headers } = merchant.client;
  for (;;) {
    const heard = await net.ask({ method: "POST", path: "/api/platform/intents", headers, body });
    if (heard.kind === "answer" && heard.status === 200) return heard.body.data;
    if (heard.kind === "answer" && !isTryAgain(heard) && heard.status !== 422)
      stage.wrong("no-unexpected-answer", `a creation without key: ${heard.status} ${heard.text}`);
    stage.count("creations: looked up by their reference");
    const found = await merchant.get(`/intents/reference/${reference}`);
    if (found.status === 200) return found.body.data;
  }
}

function shown(stage: Stage, { status, body, text }: Answer, amount: string): Json {
  if (status !== 200 || body.data.amount !== amount || body.data.status !== "requires_payment")
    stage.wrong("no-unexpected-answer", `a creation over ${amount}: ${status} ${text}`);
  return body.data;
}
