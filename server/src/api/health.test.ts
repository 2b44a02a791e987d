import { expect, test } from "vitest";
import { startPlatform } from "../../test/support/platform.ts";
import { createHealthServer } from "./health.ts";
import { createMetrics } from "./metrics.ts";

test("a database that is given up while it answers is not ready: requests would still be turned away", async () => {
  const { running } = await startPlatform();
  let looks = 0;
  const isAway = () => looks++ > 0;
  const app = createHealthServer(running.platform, createMetrics(), isAway);
  const { statusCode, headers } = await app.inject("/readyz");
  expect([statusCode, headers["retry-after"]]).toEqual([503, "1"]);
  await app.close();
});
