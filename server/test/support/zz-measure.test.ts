import { randomBytes, randomUUID } from "node:crypto";
import { test } from "vitest";
import { createLog } from "../../src/base/log.ts";
import { createCipher } from "../../src/base/cipher.ts";
import { realWorld } from "../../src/base/world.ts";
import { opensAll, resealAll } from "../../src/flows/secrets/reseal.ts";
import { secretContext } from "../../src/flows/webhooks/deliver.ts";
import { openDatabase } from "../../src/store/database.ts";
import { sql } from "../../src/store/sql.ts";
import { createTestDatabase } from "./database.ts";
test("x", async () => {
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.url, log: createLog("silent"), applicationName: "m" });
  const world = realWorld();
  const [a, b] = [randomBytes(32), randomBytes(32)];
  const ca = createCipher(a, world);
  const N = 50_000;
  for (let k = 0; k < 5; k++) {
    const ids = Array.from({ length: N / 5 }, () => randomUUID());
    const acc = randomUUID();
    const secrets = ids.map((id) => ca.encrypt(`whsec_${id}`, secretContext(acc as never, id as never)));
    await db.query(sql`insert into webhook_endpoints (account_id, endpoint_id, url, secret, from_environment, enabled, disabled_reason, created_at, subscribed_since)
      select ${acc}::uuid, id, 'http://127.0.0.1:9/', secret, false, false, 'removed', now(), now() from unnest(${ids}::uuid[], ${secrets}::bytea[]) as g (id, secret)`);
  }
  let t = performance.now();
  const ok = await opensAll({ db, world, cipher: ca });
  console.log("MEASURE opensAll ms of 50k", ok, performance.now() - t);
  t = performance.now();
  const r = await resealAll({ db, world, cipher: createCipher(b, world, [a]) });
  console.log("MEASURE reseal", JSON.stringify(r), performance.now() - t);
  await db.close();
  await database.drop();
}, 300_000);
