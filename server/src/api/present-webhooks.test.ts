import { expect, test } from "vitest";
import { instantFromMs } from "../base/instant.ts";
import { newAccountId, newEndpointId } from "../domain/ids.ts";
import type { Delivery, Endpoint } from "../domain/webhook.ts";
import { presentDelivery, presentEndpoint } from "./present-webhooks.ts";

const createdAt = instantFromMs(1_700_000_000_000);
const source = { at: createdAt, random: (bytes: number) => Buffer.alloc(bytes, 7) };
const endpointId = newEndpointId(source);

test.each([
  ["https://user:hidden@shop.example/hook?a=1", "https://***@shop.example/hook?a=1"],
  ["https://hidden@shop.example/", "https://***@shop.example/"],
  ["https://shop.example/hook?a=@", "https://shop.example/hook?a=@"],
])("an endpoint's address from before user and password were refused is shown without: %s", (url, shown) => {
  const endpoint: Endpoint = {
    accountId: newAccountId(source),
    endpointId,
    url,
    events: null,
    enabled: true,
    disabledReason: null,
    failingSince: null,
    fromEnvironment: true,
    previousSecretUntil: null,
    createdAt,
  };
  expect(JSON.parse(presentEndpoint(endpoint)).url).toBe(shown);
  const delivery: Delivery = {
    endpointId,
    url,
    status: "pending",
    triesMade: 0,
    nextTryAt: null,
    createdAt,
  };
  expect(JSON.parse(presentDelivery(delivery, [])).url).toBe(shown);
});
