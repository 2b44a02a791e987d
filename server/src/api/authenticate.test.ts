import { expect, test } from "vitest";
import { createLog } from "../base/log.ts";
import { realWorld } from "../base/world.ts";
import { DatabaseUnavailable, type Db } from "../store/database.ts";
import { createAuthenticator } from "./authenticate.ts";

test("whoever shares a look-up that a lost database does not answer hears of it with the others, not one by one", async () => {
  let asked = 0;
  const lost: Pick<Db, "query"> = {
    async query() {
      asked++;
      throw new DatabaseUnavailable("The database cannot be reached.");
    },
  };
  const db = lost as Db;
  const authenticator = createAuthenticator({ db, world: realWorld(), log: createLog("silent") });
  const credentials = { clientId: "somebody", clientSecret: "something" };
  const all = Array.from({ length: 200 }, () => authenticator.authenticate(credentials));
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
  expect(asked).toBeLessThan(5);
});
