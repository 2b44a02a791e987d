/** Events from the API with each payload's bytes as they came: pages of `GET /events` for the feed, and one by its id. */
import { type ApiOptions, asking, type Connection, connect } from "./api.ts";
import type { FeedEvent, FeedPage } from "./feed.ts";
import { elementsOf, sliceOf } from "./json-slices.ts";

const PAGE_SIZE = 100;
/** A look that hangs is given up and made again. */
const TIMEOUT_MS = 10_000;

export type EventPages = Connection & { readonly readPage: (cursor: string | null) => Promise<FeedPage> };

export async function openEventPages(options: ApiOptions): Promise<EventPages> {
  const { connection, lastText } = await connectKeepingText(options, 0);
  return {
    ...connection,
    async readPage(cursor) {
      const page = await connection.mintro.events.list({
        limit: PAGE_SIZE,
        ...(cursor !== null && { cursor }),
      });
      return {
        events: elementsOf(sliceOf(lastText(), "data") ?? "[]").map(feedEvent),
        next: page.nextCursor,
      };
    },
  };
}

export async function readEvent(id: string, options: ApiOptions): Promise<FeedEvent> {
  const { connection, lastText } = await connectKeepingText(options, 1);
  await asking(connection, () => connection.mintro.events.get(id));
  return feedEvent(sliceOf(lastText(), "data") ?? "{}");
}

/** The SDK parses what it gets, so the text of the last answer is kept beside it. For one request at a time. */
async function connectKeepingText(
  options: ApiOptions,
  maxRetries: number,
): Promise<{ connection: Connection; lastText: () => string }> {
  let text = "";
  const keepText = async (url: string, init: RequestInit): Promise<Response> => {
    const answer = await fetch(url, init);
    text = await answer.clone().text();
    return answer;
  };
  const connection = await connect(options, { fetch: keepText, maxRetries, timeoutMs: TIMEOUT_MS });
  return { connection, lastText: () => text };
}

function feedEvent(json: string): FeedEvent {
  const field = (name: string) => String(JSON.parse(sliceOf(json, name) ?? "null"));
  return {
    id: field("event_id"),
    event: field("event"),
    intentId: field("intent_id"),
    createdAt: field("created_at"),
    body: sliceOf(json, "payload") ?? "",
  };
}
