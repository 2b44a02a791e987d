/**
 * Puts the platform together with plain calls: database, processors, flows, server, worker. `npm start` and the tests use
 * the same wiring; a test hands in another world or another way to the sandbox. A worker alone is put together in work.ts.
 */
import { type CheckoutAssets, checkoutAssets } from "@mintro/checkout/assets";
import type { FastifyInstance } from "fastify";
import type { AdmissionLimits } from "../api/admission.ts";
import { createMetrics, type Metrics } from "../api/metrics.ts";
import type { MisuseLimits } from "../api/misuse.ts";
import { createServer, type ServerSettings } from "../api/server.ts";
import { assert } from "../base/assert.ts";
import { createCipher } from "../base/cipher.ts";
import { ADMISSION, HTTP, MISUSE } from "../base/limits.ts";
import { limitsThatDisagree } from "../base/limits-agree.ts";
import type { Log } from "../base/log.ts";
import { realWorld, type World } from "../base/world.ts";
import { type AccountId, type EndpointId, showEndpointId } from "../domain/ids.ts";
import type { DisabledReason } from "../domain/webhook.ts";
import type { WebhookSecret } from "../domain/webhook-signature.ts";
import { createChargeIds } from "../flows/charges/charge-ids.ts";
import { createIntentCreator } from "../flows/intents/create.ts";
import type { Platform } from "../flows/platform.ts";
import { createTryRecorder } from "../flows/webhooks/deliver.ts";
import { createWebhookSender } from "../flows/webhooks/send.ts";
import type { Processor } from "../processors/processor.ts";
import { createRegistry } from "../processors/registry.ts";
import { directLink, type Link } from "../processors/sandbox/link.ts";
import type { OutboxWaits } from "../processors/sandbox/outbox.ts";
import { rehearseFaults } from "../processors/sandbox/rehearsed-faults.ts";
import { createSandbox, type Sandbox } from "../processors/sandbox/sandbox.ts";
import { releaseAbandonedClocks } from "../store/accounts.ts";
import { assertNoTransaction, DatabaseUnavailable, type Db, openDatabase } from "../store/database.ts";
import { endAllLeases } from "../store/due.ts";
import { type Migrated, migrate } from "../store/migrate.ts";
import { takeFault } from "../store/test-faults.ts";
import { startWorker } from "../worker/loop.ts";
import { ensureEnvironment } from "./environment.ts";
import { databaseRefusal, listenRefusal } from "./refusals.ts";
import { notifySandboxNews } from "./sandbox-notifications.ts";
import { watchDatabase } from "./watch-database.ts";

export type Wiring = {
  /** "api": another process does the work that is due. Default "both". */
  readonly role?: "api" | "both";
  readonly databaseUrl: string;
  /** The embedded one, which no other process uses. */
  readonly databaseIsOurs?: boolean;
  readonly log: Log;
  readonly port: number;
  readonly host: string;
  /** Null: `http://localhost:` and the port that was taken. */
  readonly publicUrl: string | null;
  readonly secretKey: Buffer;
  /** Keys that open what they sealed, and seal nothing any more. */
  readonly previousSecretKeys?: readonly Buffer[] | undefined;
  readonly client: { readonly clientId: string; readonly clientSecret: string; readonly isKept?: boolean };
  readonly webhook: { readonly url: string; readonly secret: WebhookSecret | null } | null;
  readonly allowPrivateWebhooks: boolean;
  readonly allowedOrigins: readonly string[] | null;
  readonly rateLimit: number;
  /** Where they differ from MISUSE. */
  readonly misuse?: Partial<MisuseLimits>;
  /** Where they differ from ADMISSION. */
  readonly admission?: Partial<AdmissionLimits>;
  readonly trustedProxies: readonly string[];
  readonly world?: World;
  readonly sandboxLink?: Link;
  /** Asked before the sandbox, each for its modes. */
  readonly processors?: readonly Processor[];
  /** Where they differ from NOTIFICATIONS. */
  readonly sandboxWaits?: Partial<OutboxWaits>;
};

/** What every role needs. */
export type Base = Pick<
  Wiring,
  | "databaseUrl"
  | "databaseIsOurs"
  | "log"
  | "port"
  | "host"
  | "publicUrl"
  | "secretKey"
  | "previousSecretKeys"
  | "allowPrivateWebhooks"
  | "world"
  | "sandboxLink"
  | "processors"
  | "sandboxWaits"
>;

export type Running = {
  readonly platform: Platform;
  readonly app: FastifyInstance;
  readonly port: number;
  readonly publicUrl: string;
  readonly accountId: AccountId;
  readonly postgresVersion: string;
  /** The migrations that this start applied. */
  readonly migrations: readonly string[];
  /** The signing secret of the environment's endpoint; null where there is none. */
  readonly webhookSecret: WebhookSecret | null;
  /** Takes no more requests, finishes what runs, and leaves the database as it is. */
  stop(): Promise<void>;
};

/** Throws `CannotStart` where the database cannot be used, or nobody can listen on the address. */
export async function run(wiring: Wiring): Promise<Running> {
  assert(limitsThatDisagree().length === 0, limitsThatDisagree().join("; "));
  const { log, world = realWorld(), allowedOrigins, rateLimit, trustedProxies } = wiring;
  const [assets, migrated] = await Promise.all([checkoutAssets(), migrateFor(wiring)]);
  const { db, sandboxDb, isAway, closeBoth } = openBoth(wiring);
  try {
    const cipher = createCipher(wiring.secretKey, world, wiring.previousSecretKeys);
    if (wiring.databaseIsOurs) await takeOver(db, world);
    const { accountId, webhookSecret } = await ensureEnvironment(db, { world, cipher, log }, wiring);
    const { platform, sandbox, metrics, address, stopping, onWake } = createPlatform(wiring, {
      db,
      sandboxDb,
      world,
      cipher,
    });
    const creator = createIntentCreator(platform);
    const basePath = new URL(address.publicUrl).pathname.replace(/\/$/, "");
    const checkout = { assets: below(basePath, assets), allowedOrigins, demoAccount: accountId };
    const misuse = { ...MISUSE, ...wiring.misuse };
    const admission = { ...ADMISSION, ...wiring.admission };
    const settings: ServerSettings = { basePath, checkout, rateLimit, misuse, admission, trustedProxies };
    const parts = { creator, challenges: sandbox.challenges, metrics, isAway };
    const app = await createServer(platform, parts, settings);
    const port = await listen(app, wiring);
    address.publicUrl = wiring.publicUrl ?? `http://localhost:${port}`;
    const worker = wiring.role === "api" ? null : startWorker(platform);
    if (worker) onWake(worker.wake);
    return {
      platform,
      app,
      port,
      publicUrl: address.publicUrl,
      accountId,
      postgresVersion: migrated.serverVersion,
      migrations: migrated.applied,
      webhookSecret,
      async stop() {
        stopping.abort();
        await Promise.all([app.close(), worker?.stop()]);
        await platform.sender.close();
        await closeBoth();
      },
    };
  } catch (error) {
    await closeBoth();
    throw error instanceof DatabaseUnavailable ? refusalFor(wiring, error) : error;
  }
}

export async function migrateFor(wiring: Base): Promise<Migrated> {
  try {
    return await migrate(wiring.databaseUrl);
  } catch (error) {
    throw refusalFor(wiring, error);
  }
}

export function refusalFor(wiring: Base, error: unknown): unknown {
  return databaseRefusal(error, { url: wiring.databaseUrl, isOurs: wiring.databaseIsOurs ?? false });
}

/** The sandbox is another party: it has connections of its own, and shares no transaction with the platform. */
export function openBoth({ databaseUrl: url, log, world = realWorld() }: Base): {
  db: Db;
  sandboxDb: Db;
  /** The database does not answer, and has not for a while. */
  isAway: () => boolean;
  closeBoth: () => Promise<unknown>;
} {
  const db = openDatabase({ url, log, applicationName: "mintro" });
  const sandboxDb = openDatabase({ url, log, poolSize: 8, applicationName: "mintro-sandbox" });
  const watch = watchDatabase({ url, log, world, databases: [db, sandboxDb] });
  const closeBoth = () => Promise.all([watch.stop(), db.close(), sandboxDb.close()]);
  return { db, sandboxDb, isAway: watch.isAway, closeBoth };
}

/** What the last process was at when it was killed need not wait for its leases, since nobody else can hold one. */
async function takeOver(db: Db, world: World): Promise<void> {
  await endAllLeases(db, world.now());
  await releaseAbandonedClocks(db, world.now());
}

type Tools = {
  readonly db: Db;
  readonly sandboxDb: Db;
  readonly world: World;
  readonly cipher: ReturnType<typeof createCipher>;
};

type Wired = {
  readonly platform: Platform;
  readonly sandbox: Sandbox;
  readonly metrics: Metrics;
  /** Part of what customers are sent to; where the system chose the port, it is known only once the server listens. */
  readonly address: { publicUrl: string };
  readonly stopping: AbortController;
  readonly onWake: (wake: () => void) => void;
};

export function createPlatform(wiring: Base, { db, sandboxDb, world, cipher }: Tools): Wired {
  const { log } = wiring;
  const stopping = new AbortController();
  const breakingOff = new AbortController();
  stopping.signal.addEventListener("abort", () => {
    setTimeout(() => breakingOff.abort(), HTTP.breakOffMs).unref();
  });
  const address = { publicUrl: wiring.publicUrl ?? `http://localhost:${wiring.port}` };
  const sandbox = createSandbox({
    db: sandboxDb,
    world,
    get publicUrl() {
      return address.publicUrl;
    },
    notifications: notifySandboxNews({
      cipher,
      world,
      waits: wiring.sandboxWaits,
      stopping: stopping.signal,
      platform: () => platform,
    }),
    link: rehearseFaults({
      take: (accountId) => takeFault(db, accountId, "charge"),
      next: wiring.sandboxLink ?? directLink,
      stopping: stopping.signal,
    }),
    refusesRefund: async (accountId) => (await takeFault(db, accountId, "refund")) !== null,
  });
  let wake = () => {};
  const metrics = createMetrics();
  const onDisabled = (endpointId: EndpointId, reason: DisabledReason) =>
    log.warn({ endpoint_id: showEndpointId(endpointId), reason }, "a webhook endpoint was disabled");
  const platform: Platform = {
    db,
    world,
    log,
    cipher,
    processors: createRegistry([...(wiring.processors ?? []), sandbox], assertNoTransaction),
    sender: createWebhookSender({ world, allowPrivate: wiring.allowPrivateWebhooks }),
    get publicUrl() {
      return address.publicUrl;
    },
    nextChargeId: createChargeIds(db),
    tryRecorder: createTryRecorder(db, onDisabled),
    stopping: stopping.signal,
    breakingOff: breakingOff.signal,
    onDisabled,
    onTry: (outcome) => metrics.deliveries.inc({ outcome }),
    wake: () => wake(),
  };
  const onWake = (to: () => void) => {
    wake = to;
  };
  return { platform, sandbox, metrics, address, stopping, onWake };
}

/** The port that was taken. */
export async function listen(app: FastifyInstance, { port, host }: Base): Promise<number> {
  try {
    // Connections that come in a rush wait to be accepted; where the line is short, they try again after whole seconds.
    await app.listen({ port, host, backlog: ADMISSION.connections });
  } catch (error) {
    throw listenRefusal(error, { host, port });
  }
  const bound = app.server.address();
  return typeof bound === "object" && bound ? bound.port : port;
}

/** Behind a proxy, the pages find their files below the public address's path. */
function below(base: string, assets: CheckoutAssets): CheckoutAssets {
  const moved = (link: { path: string }) => ({ path: `${base}${link.path}` });
  return { ...assets, script: moved(assets.script), style: moved(assets.style) };
}
