/**
 * The doctor looks at a merchant's page and at the checkout that it shall frame, as a browser would: which of them forbids it,
 * by which header. What a page does by script (an iframe's own `sandbox`, say) is not seen.
 */
import { isLoopback } from "./api.ts";
import {
  allows,
  type Directive,
  frameDirective,
  type Policy,
  readPolicies,
  scriptDirective,
  trustsElements,
} from "./content-policy.ts";
import { type Finding, ok } from "./finding.ts";
import { Refused } from "./refused.ts";

type Fetched = {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
};

const WITHIN_MS = 15_000;
const HTML_MOST = 1_000_000;

/** `paymentUrl`: a checkout of integration type iframe. Throws `Refused` where one of the two does not answer. */
export async function* examinePage(pageUrl: string, paymentUrl: string): AsyncIterable<Finding> {
  const page = await get(pageUrl);
  const checkout = await get(paymentUrl);
  yield describePage(page, pageUrl);
  if (page.status >= 400) return;
  yield checkoutAllows(page, checkout);
  yield pageAllows(page, checkout);
  yield* embedAllowed(page, checkout);
  yield mixedContent(page, checkout);
  yield* isolation(page, checkout);
  yield* permissions(page, checkout);
  yield* sandboxed(page);
}

/** Redirects are followed: the last address is the one whose origin counts. */
async function get(address: string): Promise<Fetched> {
  try {
    const answer = await fetch(address, {
      headers: { accept: "text/html,*/*" },
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    const html = (await answer.text()).slice(0, HTML_MOST);
    return { url: new URL(answer.url), status: answer.status, headers: answer.headers, html };
  } catch (error) {
    throw new Refused(`${address} does not answer, so nothing can be said about it.`, { cause: error });
  }
}

function describePage({ url, status }: Fetched, asked: string): Finding {
  const did = `Page ${asked}`;
  if (status >= 400)
    return {
      check: "page",
      result: "wrong",
      did,
      saw: `answered ${status}`,
      todo: "Give the address of the page that shows the checkout, one that answers without a login.",
    };
  const moved = url.href === new URL(asked).href ? "" : `, at ${url.href}`;
  return ok("page", did, `answered ${status}${moved}; its origin is ${url.origin}`);
}

/** The checkout's own frame-ancestors; X-Frame-Options counts only where there is none (CSP section 6.4.2.2). */
function checkoutAllows(page: Fetched, checkout: Fetched): Finding {
  const check = "checkout-allows-page";
  const did = `Checkout ${checkout.url.origin} in a frame of ${page.url.origin}`;
  const policies = readPolicies(checkout.headers.get("content-security-policy") ?? "");
  const given = policies.flatMap((policy) => policy.get("frame-ancestors") ?? []);
  const isSaid = policies.some((policy) => policy.has("frame-ancestors"));
  const forbids = policies.find((policy) => {
    const sources = policy.get("frame-ancestors");
    return sources && !allows(sources, new URL(page.url.origin), checkout.url);
  });
  const header = `its Content-Security-Policy says frame-ancestors ${given.join(" ")}`;
  if (isSaid && !forbids) return ok(check, did, `allowed: ${header}`);
  const frameOptions = isSaid ? "" : (checkout.headers.get("x-frame-options") ?? "");
  const isOneOrigin = page.url.origin === checkout.url.origin;
  // Browsers leave other values alone, ALLOW-FROM among them.
  const isDenied = /\bdeny\b/i.test(frameOptions) || (!isOneOrigin && /\bsameorigin\b/i.test(frameOptions));
  if (!isSaid && !isDenied) return ok(check, did, "allowed: it has no header against it");
  const saw = `forbidden: ${isSaid ? header : `its X-Frame-Options says ${frameOptions}`}`;
  return { check, result: "wrong", did, saw, todo: whoMayFrame(page, checkout, given) };
}

function whoMayFrame(page: Fetched, checkout: Fetched, given: readonly string[]): string {
  if (checkout.status === 404)
    return "This payment link leads to no payment: give one of an intent that exists.";
  if (given.join(" ").toLowerCase() === "'none'")
    return `Nobody may frame it. Create the intent with integration_type iframe; in live mode also start Mintro with MINTRO_ALLOWED_ORIGINS=${page.url.origin}.`;
  return `Start Mintro with ${page.url.origin} among MINTRO_ALLOWED_ORIGINS.`;
}

function pageAllows(page: Fetched, checkout: Fetched): Finding {
  const check = "page-allows-checkout";
  const did = `Page ${page.url.origin} framing ${checkout.url.origin}`;
  const { forbids, decided } = decide(page, frameDirective, ({ sources }) =>
    allows(sources, checkout.url, page.url),
  );
  if (!forbids) return ok(check, did, `allowed: ${decided ?? "it has no policy about frames"}`);
  const todo = `Let it say: frame-src ${withSource(forbids.sources, checkout.url)}`;
  return { check, result: "wrong", did, saw: `forbidden: ${forbids.said}`, todo };
}

/** The embed's script, where a policy stands in its way: only a page that uses it needs it. */
function* embedAllowed(page: Fetched, checkout: Fetched): Iterable<Finding> {
  const embed = new URL("../embed.js", checkout.url);
  const { forbids } = decide(
    page,
    scriptDirective,
    ({ sources }) => trustsElements(sources) || allows(sources, embed, page.url),
  );
  if (!forbids) return;
  const isUsed = page.html.includes("/embed.js");
  const name = forbids.name === "script-src-elem" ? forbids.name : "script-src";
  yield {
    check: "page-allows-embed",
    result: isUsed ? "wrong" : "warning",
    did: `Page ${page.url.origin} loading ${embed.href}`,
    saw: `forbidden: ${forbids.said}`,
    todo: `${isUsed ? "Let it say" : "If the page is to use the embed, let it say"}: ${name} ${withSource(forbids.sources, embed)}`,
  };
}

function withSource(sources: readonly string[], { origin }: URL): string {
  return [...sources.filter((source) => source.toLowerCase() !== "'none'"), origin].join(" ");
}

/** Policies of the page's header, and of its meta elements. All of them must allow it. */
function decide(
  page: Fetched,
  directiveOf: (policy: Policy) => Directive | null,
  isAllowed: (directive: Directive) => boolean,
): {
  readonly forbids: (Directive & { readonly said: string }) | null;
  readonly decided: string | null;
} {
  const policies: (readonly [string, Policy])[] = [
    ...readPolicies(page.headers.get("content-security-policy") ?? "").map(
      (policy) => ["its Content-Security-Policy header", policy] as const,
    ),
    ...metaPolicies(page.html).map(
      (policy) => ["its <meta http-equiv=Content-Security-Policy>", policy] as const,
    ),
  ];
  let decided: string | null = null;
  for (const [where, policy] of policies) {
    const directive = directiveOf(policy);
    if (!directive) continue;
    const said = `${where} says ${directive.name} ${directive.sources.join(" ")}`.trimEnd();
    if (!isAllowed(directive)) return { forbids: { said, ...directive }, decided };
    decided = said;
  }
  return { forbids: null, decided };
}

function metaPolicies(html: string): Policy[] {
  const elements = html.replaceAll(/<!--[\s\S]*?-->/g, "").match(/<meta\b[^>]*>/gi) ?? [];
  return elements
    .filter((element) => /http-equiv\s*=\s*["']?content-security-policy["'\s>/]/i.test(element))
    .flatMap((element) => {
      const [, double, single] = /\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(element) ?? [];
      return readPolicies((double ?? single ?? "").replaceAll("&#39;", "'").replaceAll("&quot;", '"'));
    });
}

/** A page over https loads nothing over http (W3C Mixed Content), but for addresses of this machine. */
function mixedContent(page: Fetched, checkout: Fetched): Finding {
  const check = "mixed-content";
  const did = "Schemes of the two";
  const saw = `${page.url.protocol.slice(0, -1)} frames ${checkout.url.protocol.slice(0, -1)}`;
  const isMixed =
    page.url.protocol === "https:" && checkout.url.protocol === "http:" && !isLoopback(checkout.url.href);
  if (!isMixed) return ok(check, did, saw);
  return {
    check,
    result: "wrong",
    did,
    saw: `${saw}: blocked as mixed content`,
    todo: "Serve Mintro over https, and start it with that address as MINTRO_PUBLIC_URL.",
  };
}

/** A page that isolates itself takes only frames that ask for the same (HTML, embedder policy). */
function* isolation(page: Fetched, checkout: Fetched): Iterable<Finding> {
  const name = "cross-origin-embedder-policy";
  const wanted = (page.headers.get(name) ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (wanted !== "require-corp" && wanted !== "credentialless") return;
  if (page.url.origin === checkout.url.origin) return;
  const found = (checkout.headers.get(name) ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const did = `Page with Cross-Origin-Embedder-Policy: ${wanted}`;
  if (found === "require-corp" || found === "credentialless")
    return yield ok("isolation", did, `the checkout says ${found} too`);
  yield {
    check: "isolation",
    result: "wrong",
    did,
    saw: "forbidden: the checkout has no such header",
    todo: "Leave Cross-Origin-Embedder-Policy out on the page that shows the checkout.",
  };
}

/** For wallets in the frame; the card form needs no permission. */
function* permissions(page: Fetched, checkout: Fetched): Iterable<Finding> {
  const header = page.headers.get("permissions-policy") ?? "";
  const [, list] = /(?:^|,)\s*payment\s*=\s*(\([^)]*\)|\*|[^,\s]+)/i.exec(header) ?? [];
  if (list === undefined) return;
  const did = `Page with Permissions-Policy: payment=${list}`;
  const { origin } = checkout.url;
  const isGiven =
    list === "*" || list.includes(`"${origin}"`) || (/\bself\b/.test(list) && page.url.origin === origin);
  if (isGiven) return yield ok("permissions", did, "the checkout may ask for a payment");
  yield {
    check: "permissions",
    result: "warning",
    did,
    saw: "cards work, but wallets such as Apple Pay and Google Pay cannot be offered in the frame",
    todo: `Let it say payment=(self "${origin}"), and give the iframe allow="payment".`,
  };
}

/** A sandboxed page hands its limits down to its frames. */
function* sandboxed(page: Fetched): Iterable<Finding> {
  const flags = readPolicies(page.headers.get("content-security-policy") ?? "").map((policy) =>
    policy.get("sandbox"),
  );
  const given = flags.find((each) => each !== undefined);
  if (!given) return;
  const missing = ["allow-scripts", "allow-forms", "allow-same-origin"].filter(
    (flag) => !given.includes(flag),
  );
  const did = `Page with Content-Security-Policy: sandbox ${given.join(" ")}`.trimEnd();
  if (missing.length === 0) return yield ok("sandbox", did, "leaves the checkout what it needs");
  yield {
    check: "sandbox",
    result: "wrong",
    did,
    saw: `the checkout in it lacks ${missing.join(", ")}`,
    todo: `Leave sandbox out on this page, or add ${missing.join(" ")}.`,
  };
}
