/** What the flows work with. Wired once in main/wire.ts; a test may wire another world, another processor. */
import type { Batcher } from "../base/batcher.ts";
import type { Cipher } from "../base/cipher.ts";
import type { Log } from "../base/log.ts";
import type { World } from "../base/world.ts";
import type { AccountId, ChargeId, EndpointId } from "../domain/ids.ts";
import type { DisabledReason, TryRecord } from "../domain/webhook.ts";
import type { Registry } from "../processors/registry.ts";
import type { Db } from "../store/database.ts";
import type { WebhookSender } from "./webhooks/send.ts";

export type Platform = {
  readonly db: Db;
  readonly world: World;
  readonly log: Log;
  readonly processors: Registry;
  readonly sender: WebhookSender;
  readonly cipher: Cipher;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly nextChargeId: () => Promise<ChargeId>;
  /** Results of delivery tries that end together are written together. */
  readonly tryRecorder: Batcher<AccountId, RecordedTry, null>;
  /** Aborted when the platform stops: nothing more is begun. */
  readonly stopping: AbortSignal;
  /** Aborted when little is left of the time to stop: webhook tries still under way end at once and are made again after. */
  readonly breakingOff: AbortSignal;
  /** Told of each delivery try's outcome, for the metrics. */
  readonly onTry: (outcome: "delivered" | "failed" | "gone") => void;
  readonly onDisabled: (endpointId: EndpointId, reason: DisabledReason) => void;
  /** Something became due at once: the worker need not wait for its next look. Never called inside a transaction. */
  readonly wake: () => void;
};

/** A try, and whether its endpoint said with 410 that it is gone. */
export type RecordedTry = {
  readonly record: TryRecord;
  readonly isGone: boolean;
};
