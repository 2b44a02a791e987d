/**
 * What customers are shown where the checkout page cannot be: pages in their language where a browser asks for one, and the
 * API's errors for everybody else, the page's own calls among them. The pages are the same for everybody, so they are
 * made once: whoever is turned away at the door costs next to nothing.
 */
import type { CheckoutAssets } from "@mintro/checkout/assets";
import { chooseLocale, type Locale, renderNotice, renderPage } from "@mintro/checkout/page";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Answer, failureAnswer, type RequestFailure, send } from "./answer.ts";
import { prefersHtml } from "./prefers-html.ts";

export type CustomerPages = {
  /** Whether the answer is read by a customer: what `refuse` answers with a page. */
  readonly isFor: (request: FastifyRequest) => boolean;
  /** `answer`: what programs get, where it says more than the failure does. */
  readonly refuse: (
    request: FastifyRequest,
    reply: FastifyReply,
    failure: RequestFailure,
    answer?: Answer,
  ) => FastifyReply;
  /** The page for a link that nobody knows, as a document. */
  readonly unknown: (request: FastifyRequest) => string;
};

/** The answer to a challenge is the one form that is posted; what loads itself again is the challenge. */
const CUSTOMERS = /^(?:(?:GET|HEAD) \/pay(?!\/assets\/)|(?:GET|HEAD|POST) \/sandbox\/challenges)(?:[/?]|$)/;

/** Programs are told to come again at once; pages that all load themselves again at once would be a crowd of their own. */
const BUSY_RELOAD_SECONDS = 5;

export function createCustomerPages(settings: {
  readonly assets: CheckoutAssets;
  readonly allowedOrigins: readonly string[] | null;
}): CustomerPages {
  const { assets, allowedOrigins } = settings;
  const unknown = onceEach((locale) => renderPage({ view: null, locale, formats: locale, assets }));
  const busy = onceEach((locale) =>
    renderNotice({ kind: "busy", locale, reloadSeconds: BUSY_RELOAD_SECONDS, assets }),
  );
  // Nothing on these pages can be pressed, and a merchant's frame should not be left empty.
  const anywhere = allowedOrigins === null ? "*" : allowedOrigins.join(" ") || "'none'";

  const pageOf = (failure: RequestFailure, locale: Locale): Page => {
    const again = { reloadSeconds: BUSY_RELOAD_SECONDS, ancestors: anywhere };
    if (failure.kind === "unavailable") return { status: 503, html: busy(locale), ...again };
    if (failure.kind === "too_many_requests") {
      const reloadSeconds = failure.retryAfterSeconds;
      const html = renderNotice({ kind: "heldUp", locale, reloadSeconds, assets });
      return { status: 429, html, reloadSeconds, ancestors: anywhere };
    }
    if (failure.kind === "broken") {
      const html = renderNotice({ kind: "broken", locale, reloadSeconds: null, assets });
      return { status: 500, html, reloadSeconds: null, ancestors: anywhere };
    }
    return { status: 404, html: unknown(locale), reloadSeconds: null, ancestors: "'none'" };
  };
  const isFor = ({ method, url, headers }: FastifyRequest): boolean =>
    CUSTOMERS.test(`${method} ${url}`) && prefersHtml(headers.accept);

  return {
    isFor,
    unknown: (request) => unknown(localeOf(request)),
    refuse: (request, reply, failure, answer = failureAnswer(failure)) =>
      isFor(request) ? show(reply, pageOf(failure, localeOf(request))) : send(reply, answer),
  };
}

type Page = {
  readonly status: number;
  readonly html: string;
  /** When it loads itself again; null: not by itself. */
  readonly reloadSeconds: number | null;
  /** Who may frame it. */
  readonly ancestors: string;
};

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'";

/** The door answers before anybody else has set a header. */
const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  vary: "accept, accept-language",
};

function show(reply: FastifyReply, { status, html, reloadSeconds, ancestors }: Page): FastifyReply {
  if (reloadSeconds !== null) reply.header("retry-after", String(reloadSeconds));
  if (ancestors === "'none'") reply.header("x-frame-options", "DENY");
  return reply
    .code(status)
    .headers({ ...HEADERS, "content-security-policy": `${POLICY}; frame-ancestors ${ancestors}` })
    .type("text/html; charset=utf-8")
    .send(html);
}

function localeOf({ headers }: FastifyRequest): Locale {
  return chooseLocale(headers["accept-language"]);
}

function onceEach(render: (locale: Locale) => string): (locale: Locale) => string {
  const made = new Map<Locale, string>();
  return (locale) => {
    const page = made.get(locale) ?? render(locale);
    made.set(locale, page);
    return page;
  };
}
