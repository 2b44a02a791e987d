/** Since when an endpoint counts as failing, for tries that end in another order than they began (contract section 5). */
import { expect, test } from "vitest";
import type { Instant } from "../../src/base/instant.ts";
import { findEndpoint, listEndpoints, recordHealth } from "../../src/store/webhooks.ts";
import { startPlatform } from "../support/platform.ts";

type Seen = { readonly succeeded?: bigint; readonly failed?: readonly [first: bigint, last: bigint] };

test("an endpoint fails since the first failed try that was begun after the newest success", async () => {
  const { running } = await startPlatform();
  const { db } = running.platform;
  const [endpoint] = await listEndpoints(db, running.accountId, { most: 1, after: null });
  if (!endpoint) throw new Error("the environment made no endpoint");
  const { accountId, endpointId, createdAt } = endpoint;
  const at = (seconds: bigint) => (createdAt + seconds * 1_000_000n) as Instant;
  /** Seconds after the endpoint was made; null: it is well. */
  const after = async ({ succeeded, failed }: Seen) => {
    await db.transaction((tx) =>
      recordHealth(tx, accountId, [
        {
          endpointId,
          succeededAt: succeeded === undefined ? null : at(succeeded),
          failed: failed ? { first: at(failed[0]), last: at(failed[1]) } : null,
        },
      ]),
    );
    const since = (await findEndpoint(db, accountId, endpointId))?.failingSince ?? null;
    return since && (since - createdAt) / 1_000_000n;
  };

  expect(await after({ succeeded: 50n })).toBeNull();
  expect(await after({ failed: [100n, 110n] })).toBe(100n);
  expect(await after({ failed: [105n, 120n] })).toBe(100n);
  // It answered after those, however long before them the try began.
  expect(await after({ succeeded: 90n })).toBeNull();
  expect(await after({ failed: [85n, 90n] })).toBeNull();
  expect(await after({ failed: [80n, 130n] })).toBe(130n);
  expect(await after({ succeeded: 140n, failed: [150n, 160n] })).toBe(150n);
  expect(await after({ failed: [135n, 140n] })).toBe(150n);
  expect(await after({ succeeded: 145n })).toBeNull();
});
