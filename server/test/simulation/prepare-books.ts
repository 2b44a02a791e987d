/** What is there before a simulation begins: merchants, their endpoints and receivers. */

import { EVENT_TYPES } from "@mintro/contract/vocabulary";
import { createCipher } from "../../src/base/cipher.ts";
import { plusDays } from "../../src/base/instant.ts";
import type { World } from "../../src/base/world.ts";
import { type AccountId, newEndpointId } from "../../src/domain/ids.ts";
import { newWebhookSecret } from "../../src/domain/webhook-signature.ts";
import { accountOf } from "../../src/flows/clients/create.ts";
import { secretContext } from "../../src/flows/webhooks/deliver.ts";
import type { Db } from "../../src/store/database.ts";
import { insertEndpoint } from "../../src/store/webhooks.ts";
import { createKeyring } from "./keyring.ts";
import { createReceiver, type Receivers } from "./receivers.ts";
import { DAY, type Stage } from "./stage.ts";

export type Prepared = {
  readonly accounts: readonly AccountId[];
  readonly receivers: Receivers;
  readonly secretKey: Buffer;
};

/** How many endpoints each merchant has. */
const MERCHANTS = [2, 1, 1] as const;
/** How far a test clock was moved before. */
const DAYS_AHEAD = 400;

/** What the addresses of the endpoints begin with that a merchant has from the beginning. */
export function urlOfMerchant(place: number): string {
  return `https://merchant-${place}.example/`;
}

export async function prepareBooks(stage: Stage, db: Db, world: World): Promise<Prepared> {
  const chance = stage.chance.fork("books");
  const secretKey = chance.bytes(32);
  const cipher = createCipher(secretKey, world);
  const receivers: Receivers = new Map();
  const accounts: AccountId[] = [];
  for (const [place, endpoints] of MERCHANTS.entries()) {
    const daysAhead = place === 1 && chance.flip(0.4) ? DAYS_AHEAD : 0;
    const accountId = await db.transaction((tx) => accountOf(tx, world, `Merchant ${place}`, "test"));
    await stage.look("update accounts set clock_offset_us = $2 where account_id = $1", [
      accountId,
      daysAhead * DAY,
    ]);
    accounts.push(accountId);
    for (let index = 0; index < endpoints; index++) {
      const url = `${urlOfMerchant(place)}hook-${index}`;
      const endpointId = newEndpointId({ at: world.now(), random: world.random });
      const secret = newWebhookSecret(world.random);
      const events = index === 1 || place === 2 ? EVENT_TYPES.filter(() => chance.flip(0.7)) : null;
      const keyring = createKeyring({ secret, now: Number(world.now()) });
      receivers.set(
        url,
        createReceiver(stage, { accountId, url, endpointId, keyring, mayBeGone: place === 2 }),
      );
      await insertEndpoint(db, {
        accountId,
        endpointId,
        url,
        events,
        secret: cipher.encrypt(secret, secretContext(accountId, endpointId)),
        fromEnvironment: false,
        createdAt: plusDays(world.now(), daysAhead),
      });
    }
  }
  return { accounts, receivers, secretKey };
}
