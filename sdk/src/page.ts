/** Lists: awaited, the first page; iterated, every member of every page, fetched as they are needed. */

export interface Page<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
  /** What `cursor` takes for the next page. Null at the end. */
  readonly nextCursor: string | null;
}

/** What every list takes beside its own filters. */
export interface PageParams {
  /** Members a page: 1 to 100, 20 if absent. Iterating gives all of them whatever the limit. */
  readonly limit?: number | undefined;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

/**
 * A promise of the first page that can be iterated instead.
 *
 *     const page = await mintro.intents.list({ limit: 10 });
 *     for await (const intent of mintro.intents.list({ status: "succeeded" })) …
 */
export type List<T> = Promise<Page<T>> & AsyncIterable<T>;

/** `fetchPage` is called at once without a cursor, and with one for each page that is iterated to. */
export function pagesOf<T>(fetchPage: (cursor?: string) => Promise<Page<T>>): List<T> {
  const first = fetchPage();
  return Object.assign(first, { [Symbol.asyncIterator]: () => membersOf(first, fetchPage) });
}

async function* membersOf<T>(
  first: Promise<Page<T>>,
  fetchPage: (cursor: string) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let page = await first;
  for (;;) {
    yield* page.data;
    const { hasMore, nextCursor } = page;
    if (!hasMore || nextCursor === null) return;
    page = await fetchPage(nextCursor);
    // Else a server that repeats itself would be asked for ever.
    if (page.nextCursor === nextCursor) throw new Error("The list's cursor does not move on.");
  }
}
