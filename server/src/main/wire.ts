/**
 * Puts the platform together with plain calls: database, processors, flows, server, worker. `npm start` and the tests use
 * the same wiring; a test hands in another world or another way to the sandbox.
 */
import { checkoutAssets } from "@mintro/checkout/assets";
import type { FastifyInstance } from "fastify";
import { createMetrics } from "../api/metrics.ts";
import { createServer, type ServerSettings } from "../api/server.ts";
import { assert } from "../base/assert.ts";
import { createCipher } from "../base/cipher.ts";
import { limitsThatDisagree } from "../base/limits.ts";
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
import { createRegistry } from "../processors/registry.ts";
import type { Link } from "../processors/sandbox/link.ts";
import { createSandbox } from "../processors/sandbox/sandbox.ts";
import { assertNoTransaction, openDatabase } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { startWorker } from "../worker/loop.ts";
import { ensureClient, ensureEndpoint } from "./environment.ts";

export type Wiring = {
  readonly databaseUrl: string;
  readonly log: Log;
  readonly port: number;
  readonly host: string;
  /** Null: `http://localhost:` and the port that was taken. */
  readonly publicUrl: string | null;
  readonly secretKey: Buffer;
  readonly client: { readonly clientId: string; readonly clientSecret: string };
  readonly webhook: { readonly url: string; readonly secret: WebhookSecret | null } | null;
  readonly allowPrivateWebhooks: boolean;
  readonly allowedOrigins: readonly string[] | null;
  readonly rateLimit: number;
  readonly trustedProxies: readonly string[];
  readonly world?: World;
  readonly sandboxLink?: Link;
};

export type Running = {
  readonly platform: Platform;
  readonly app: FastifyInstance;
  readonly port: number;
  readonly publicUrl: string;
  readonly accountId: AccountId;
  /** The signing secret of the environment's endpoint; null where there is none. */
  readonly webhookSecret: WebhookSecret | null;
  /** Takes no more requests, finishes what runs, and leaves the database as it is. */
  stop(): Promise<void>;
};

export async function run(wiring: Wiring): Promise<Running> {
  assert(limitsThatDisagree().length === 0, limitsThatDisagree().join("; "));
  const { log, world = realWorld() } = wiring;
  const [assets] = await Promise.all([checkoutAssets(), migrate(wiring.databaseUrl)]);
  const db = openDatabase({ url: wiring.databaseUrl, log, applicationName: "mintro" });
  const sandboxDb = openDatabase({
    url: wiring.databaseUrl,
    log,
    poolSize: 8,
    applicationName: "mintro-sandbox",
  });
  const cipher = createCipher(wiring.secretKey, world);
  const stopping = new AbortController();
  try {
    const tools = { db, world, cipher, log };
    const accountId = await ensureClient(tools, wiring.client);
    const webhookSecret = await ensureEndpoint(tools, accountId, wiring.webhook);

    // The address is part of what customers are sent to, so it is known only once the port is.
    const address = { publicUrl: wiring.publicUrl ?? `http://localhost:${wiring.port}` };
    const sandbox = createSandbox({
      db: sandboxDb,
      world,
      get publicUrl() {
        return address.publicUrl;
      },
      ...(wiring.sandboxLink && { link: wiring.sandboxLink }),
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
      processors: createRegistry([sandbox], assertNoTransaction),
      sender: createWebhookSender({ world, allowPrivate: wiring.allowPrivateWebhooks }),
      get publicUrl() {
        return address.publicUrl;
      },
      nextChargeId: createChargeIds(db),
      tryRecorder: createTryRecorder(db, onDisabled),
      stopping: stopping.signal,
      onTry: (outcome) => metrics.deliveries.inc({ outcome }),
      wake: () => wake(),
    };
    const creator = createIntentCreator(platform);
    const { allowedOrigins, rateLimit, trustedProxies } = wiring;
    const settings: ServerSettings = {
      checkout: { assets, allowedOrigins, demoAccount: accountId },
      rateLimit,
      trustedProxies,
    };
    const app = await createServer(platform, { creator, challenges: sandbox.challenges, metrics }, settings);
    await app.listen({ port: wiring.port, host: wiring.host });
    const bound = app.server.address();
    const port = typeof bound === "object" && bound ? bound.port : wiring.port;
    address.publicUrl = wiring.publicUrl ?? `http://localhost:${port}`;
    const worker = startWorker(platform);
    wake = worker.wake;
    return {
      platform,
      app,
      port,
      publicUrl: address.publicUrl,
      accountId,
      webhookSecret,
      async stop() {
        stopping.abort();
        await Promise.all([app.close(), worker.stop()]);
        await platform.sender.close();
        await Promise.all([db.close(), sandboxDb.close()]);
      },
    };
  } catch (error) {
    await Promise.all([db.close(), sandboxDb.close()]);
    throw error;
  }
}
