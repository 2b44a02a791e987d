/** The platform's way to the merchants' receivers, without a network: tries take their time, and at times nobody answers. */
import { WEBHOOK_SENDING } from "../../src/base/limits.ts";
import type { SendOutcome, WebhookSender } from "../../src/flows/webhooks/send.ts";
import type { Receivers } from "./receivers.ts";
import type { Stage } from "./stage.ts";
import { type Life, OUTSIDE } from "./timeline.ts";
import type { TryWatch } from "./try-watch.ts";

/** The platform's sender in one process. `receivers` by their addresses. */
export function createSimulatedSender(
  stage: Stage,
  life: Life,
  receivers: Receivers,
  tries: TryWatch,
): WebhookSender {
  return {
    async send(request) {
      const receiver = receivers.get(request.url);
      if (!receiver) throw new Error(`Nobody is at ${request.url}.`);
      await stage.pause(life, `sends a webhook to ${request.url}`);
      const startedAt = stage.timeline.now();
      const end = await tries.begin(life, request, receiver);
      return await new Promise<SendOutcome>((resolve) => {
        let done = false;
        const settle = (status: number | null, error: string | null, retryAfterMs: number | null = null) => {
          if (done) return;
          done = true;
          end();
          const durationMs = Number((stage.timeline.now() - startedAt) / 1_000n);
          resolve({ ...outcomeOf(status), status, error, durationMs, responseStart: "", retryAfterMs });
        };
        request.signal?.addEventListener("abort", () => settle(null, "interrupted"), { once: true });
        stage.timeline.after(WEBHOOK_SENDING.timeoutMs * 1_000, life, "webhook timed out", () =>
          settle(null, "timed out"),
        );
        stage.timeline.after(2_000, OUTSIDE, `webhook arrives at ${request.url}`, () => {
          const reaction = receiver.react();
          if (reaction.way !== "refused") tries.arrived(request, receiver, reaction.status);
          if (reaction.way === "answer lost") return;
          stage.timeline.after(reaction.afterMicros, life, "webhook answered", () => {
            if (reaction.way === "refused") settle(null, "refused");
            else if (reaction.status !== null)
              settle(reaction.status, errorOf(reaction.status), reaction.retryAfterMs);
          });
        });
      });
    },
    refusal: () => null,
    close: async () => {},
  };
}

function outcomeOf(status: number | null): Pick<SendOutcome, "outcome"> {
  if (status === 410) return { outcome: "gone" };
  return { outcome: status !== null && status >= 200 && status < 300 ? "delivered" : "failed" };
}

function errorOf(status: number): string | null {
  return status >= 200 && status < 300 ? null : `answered ${status}`;
}
