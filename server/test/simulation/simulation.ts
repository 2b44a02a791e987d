/**
 * A seeded simulation of the whole platform (issue: nothing lost, nothing charged twice): merchants, customers, banks,
 * receivers and a processor that fail in every way we know, and two processes of the platform that die between any two
 * steps, on a driven clock over a real PostgreSQL. The auditor reads the books after each simulated day. The same seed
 * gives the same run, bit for bit.
 */
import { createHash } from "node:crypto";
import { instantFromMs } from "../../src/base/instant.ts";
import { createLog } from "../../src/base/log.ts";
import type { World } from "../../src/base/world.ts";
import { newWebhookSecret } from "../../src/domain/webhook-signature.ts";
import { createSandbox } from "../../src/processors/sandbox/sandbox.ts";
import { openDatabase } from "../../src/store/database.ts";
import { watchCharges } from "./charge-watch.ts";
import { type Cluster, createCluster } from "./cluster.ts";
import { keepEndpoints } from "./endpoint-stories.ts";
import type { FaultKind } from "./fault-plan.ts";
import { createNotifier } from "./notifications.ts";
import { openObserver } from "./observer.ts";
import { tellPayment } from "./payment-stories.ts";
import { PUBLIC_URL } from "./platform-process.ts";
import { prepareBooks, urlOfMerchant } from "./prepare-books.ts";
import { createPromises } from "./promises.ts";
import { createResendWatch } from "./resend-watch.ts";
import { runDays, settleDown } from "./run-days.ts";
import type { Shop } from "./shop.ts";
import { createStage, DAY, type Stage, type Wrong } from "./stage.ts";
import { tellSubscription } from "./subscription-stories.ts";
import { OUTSIDE } from "./timeline.ts";
import { createTryWatch } from "./try-watch.ts";
import { checkReceipts, hashOfBooks, totalsOfBooks } from "./verdict.ts";

export type SimulationOptions = {
  readonly seed: number;
  readonly days: number;
  /** Orders of each kind; some are never paid. */
  readonly subscriptions: number;
  readonly payments: number;
  /** Steps between two deaths of a process, on average. */
  readonly killEvery: number;
  /** Simulated days between two audits. */
  readonly auditEvery: number;
};

export const ORDINARY = {
  days: 30,
  subscriptions: 40,
  payments: 110,
  killEvery: 2_500,
  auditEvery: 1,
} as const;

export type SimulationResult = {
  readonly wrongs: readonly Wrong[];
  /** Of everything that happened, and of all events, tries, charges and payments in the end. */
  readonly hash: string;
  readonly simulatedDays: number;
  readonly totals: Readonly<Record<string, number>>;
  /** The kinds of faults that did not happen at all. */
  readonly missing: readonly FaultKind[];
  /** The last steps before the end. */
  readonly recent: readonly string[];
};

const STARTS_AT = instantFromMs(Date.UTC(2027, 0, 1));

/** Runs in a migrated, empty database of its own, which it leaves full. */
export async function simulate(
  databaseUrl: string,
  options: SimulationOptions,
  trace?: (line: string) => void,
): Promise<SimulationResult> {
  const observer = await openObserver(databaseUrl);
  const spanMicros = options.days * DAY;
  const stage = createStage({ seed: String(options.seed), spanMicros, startsAt: STARTS_AT }, observer, trace);
  const sandboxDb = openDatabase({
    url: databaseUrl,
    log: createLog("silent"),
    poolSize: 8,
    applicationName: "mintro-sandbox",
  });
  const giveBack = simulateTimeouts(stage);
  try {
    const world = outsideWorld(stage);
    const { accounts, receivers, secretKey } = await prepareBooks(stage, sandboxDb, world);
    const notifier = createNotifier(stage, newWebhookSecret(world.random), async (work) => {
      const told = await cluster.ask("notification", ({ platform }) => work(platform));
      return told.kind === "answer" ? told.value : null;
    });
    const { outbox, secret } = notifier;
    const notifications = { secrets: [secret], outbox };
    const bank = createSandbox({ db: sandboxDb, world, publicUrl: PUBLIC_URL, notifications });
    const promises = createPromises(stage);
    const around = {
      databaseUrl,
      sandboxDb,
      secretKey,
      receivers,
      notifier,
      tries: createTryWatch(stage),
      charges: watchCharges(stage),
      takesOver: stage.chance.fork("takes over").flip(0.3),
    };
    const cluster: Cluster = createCluster(stage, around, { killEvery: options.killEvery, spanMicros });
    const shops = accounts.map(
      (accountId, index): Shop => ({
        stage,
        cluster,
        promises,
        chance: stage.chance.fork(`shop/${index}`),
        accountId,
        challenges: bank.challenges,
      }),
    );
    scheduleOrders(stage, shops, options);
    const resends = createResendWatch(stage);
    for (const [index, shop] of shops.entries()) {
      const chance = shop.chance.fork("endpoints");
      const mine = [...receivers.values()].filter(({ url }) => url.startsWith(urlOfMerchant(index)));
      const hooked = { shop: { ...shop, chance }, receivers, resends, mine };
      told(stage, keepEndpoints(hooked, spanMicros));
    }
    await runDays(stage, cluster, promises, options);
    await settleDown(stage, cluster, promises);
    await checkReceipts(stage, receivers);
    if (stage.wrongs.length === 0) await resends.check();
    await cluster.end();
    return await resultOf(stage);
  } finally {
    giveBack();
    await sandboxDb.close();
    await observer.end();
  }
}

async function resultOf(stage: Stage): Promise<SimulationResult> {
  const { timeline } = stage;
  const hash = createHash("sha256")
    .update(timeline.hash())
    .update(await hashOfBooks(stage));
  return {
    wrongs: stage.wrongs,
    hash: hash.digest("hex"),
    simulatedDays: Number(timeline.now() - STARTS_AT) / DAY,
    totals: {
      ...(await totalsOfBooks(stage)),
      steps: timeline.steps(),
      ...Object.fromEntries([...stage.counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    missing: stage.faults.missing(),
    recent: timeline.recent(),
  };
}

function outsideWorld(stage: Stage): World {
  const chance = stage.chance.fork("outside");
  return { now: () => stage.timeline.now(), random: (count) => chance.bytes(count) };
}

/** The platform bounds its calls to processors by `AbortSignal.timeout`; those seconds too are the simulation's. */
function simulateTimeouts(stage: Stage): () => void {
  const real = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    stage.timeline.after(ms * 1_000, OUTSIDE, "a timeout", () => controller.abort());
    return controller.signal;
  };
  return () => {
    AbortSignal.timeout = real;
  };
}

/** Orders come over all days but the last, recurring ones early, so that they renew; some many at the same moment. */
function scheduleOrders(stage: Stage, shops: readonly Shop[], options: SimulationOptions): void {
  const chance = stage.chance.fork("orders");
  const span = options.days * DAY;
  const rush = Array.from({ length: 12 }, () => chance.between(0, span * 0.9));
  const arrival = (latest: number) => {
    const at = chance.flip(0.3) ? chance.pick(rush) + chance.about(3_000) : chance.between(0, latest);
    return Math.min(at, latest);
  };
  const order = (name: string, intervalDays: number | null) => ({
    reference: `${name}-${options.seed}`,
    amount: 1 + chance.below(500),
    intervalDays,
    customer: `customer-${chance.below(20)}`,
  });
  const shopFor = (name: string): Shop => {
    const shop = chance.pick(shops);
    return { ...shop, chance: shop.chance.fork(name) };
  };
  for (let index = 0; index < options.subscriptions; index++) {
    const name = `sub-${index}`;
    const shop = shopFor(name);
    const at = arrival(span * 0.4);
    const intervalDays = chance.pick(options.days > 60 ? [7, 14, 30, 30, 90] : [1, 2, 3, 5, 7, 10]);
    const placed = order(name, intervalDays);
    stage.timeline.after(at, OUTSIDE, `orders ${name}`, () =>
      told(stage, tellSubscription(shop, placed, span - at)),
    );
  }
  for (let index = 0; index < options.payments; index++) {
    const name = `pay-${index}`;
    const shop = shopFor(name);
    const placed = order(name, null);
    stage.timeline.after(arrival(span - DAY), OUTSIDE, `orders ${name}`, () =>
      told(stage, tellPayment(shop, placed)),
    );
  }
}

/** A story that fails is the simulation's own mistake, and ends the run all the same. */
function told(stage: Stage, story: Promise<void>): void {
  story.catch((error: unknown) =>
    stage.wrong("no-unexpected-error", `a story: ${error instanceof Error ? error.stack : String(error)}`),
  );
}
