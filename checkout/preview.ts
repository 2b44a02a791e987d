/**
 * The checkout page without the platform behind it: `node checkout/preview.ts [port]` serves every state with sample
 * data, in every language, framed and not. The page's own tests use it where a real platform would have to be broken
 * on purpose. It remembers what was paid until the page is opened anew; nothing else is like the platform.
 */
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { CheckoutView, DeclineReason, PayAnswer, PayInput } from "@mintro/contract/checkout";
import { type CheckoutAssets, checkoutAssets } from "./assets.ts";
import { renderChallengeOver, renderChallengePage } from "./challenge-page.ts";
import { escapeHtml } from "./document.ts";
import {
  choosePreference,
  LOCALES,
  type NoticeKind,
  type Preference,
  renderNotice,
  renderPage,
} from "./page.ts";
import { FIELDS_MODULE, fieldsModule, numberOfToken, previewFields, WALLET_TOKEN } from "./preview-fields.ts";
import { SAMPLES } from "./preview-samples.ts";

/** What the platform sends with the page: the previewed page must live under it too. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'";

const DECLINES: Readonly<Record<string, DeclineReason>> = {
  "4000000000000002": "generic_decline",
  "4000000000009995": "insufficient_funds",
  "4000000000000127": "incorrect_cvc",
};
const CHALLENGED = "4000000000003220";
const TAKEN = new Set(["4242424242424242", "5555555555554444", "378282246310005"]);

export interface Preview {
  /** `http://127.0.0.1:port`; the same is at `localhost`, so that a frame can be of another origin. */
  readonly url: string;
  /** Changes a state behind the page's back, as the API or another tab would. */
  readonly change: (token: string, change: Partial<CheckoutView>) => void;
  readonly close: () => Promise<void>;
}

interface Stage {
  readonly assets: CheckoutAssets;
  readonly views: Map<string, CheckoutView | null>;
  charges: number;
}

/** @param port 0 for any that is free */
export async function servePreview(port: number): Promise<Preview> {
  const stage: Stage = {
    assets: await checkoutAssets(),
    views: new Map(Object.entries(SAMPLES)),
    charges: 1_000,
  };
  const server = createServer((request, response) => {
    void answer(stage, request).then(({ status, headers, body }) => {
      response.writeHead(status, { "cache-control": "no-store", ...headers }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    change: (token, change) => {
      const view = stage.views.get(token);
      if (view) stage.views.set(token, { ...view, ...change });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

async function answer(stage: Stage, request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const preference = choosePreference(url.searchParams.get("lang") ?? request.headers["accept-language"]);
  const asset = stage.assets.files.get(url.pathname);
  if (asset) return { status: 200, headers: { "content-type": asset.contentType }, body: asset.body };
  if (url.pathname === FIELDS_MODULE)
    return { status: 200, headers: { "content-type": "text/javascript" }, body: await fieldsModule() };
  const [, place = "", token = "", action = ""] = url.pathname.split("/");
  const body = request.method === "POST" ? await text(request) : "";
  switch (place) {
    case "pay":
      if (action === "state") return json(200, stage.views.get(token));
      if (action === "fields") return json(200, previewFields(token));
      if (action === "pay") return pay(stage, token, body);
      return payPage(stage, token, url.searchParams.has("returned"), preference);
    case "challenge":
      if (action === "state")
        return json(200, { open: stage.views.get(token)?.status === "requires_action" });
      return request.method === "POST"
        ? challengeAnswer(stage, token, body.includes("result=complete"))
        : challengePage(stage, token, preference);
    case "challenge-over":
      return html(410, renderChallengeOver({ ...preference, assets: stage.assets }));
    case "notice":
      return html(
        503,
        renderNotice({ ...preference, kind: noticeOf(token), reloadSeconds: 60, assets: stage.assets }),
      );
    case "frame":
      return html(200, framePage(url, token), "");
    case "merchant":
      return html(200, `<h1>Merchant</h1><p>${escapeHtml(url.search)}</p>`);
    default:
      return html(200, indexPage(), "");
  }
}

function noticeOf(text: string): NoticeKind {
  return text === "heldUp" || text === "broken" ? text : "busy";
}

function payPage(stage: Stage, token: string, returned: boolean, preference: Preference): Reply {
  if (!returned && token in SAMPLES) stage.views.set(token, SAMPLES[token] ?? null);
  const view = stage.views.get(token) ?? null;
  return html(view === null ? 404 : 200, renderPage({ view, ...preference, assets: stage.assets }));
}

function pay(stage: Stage, token: string, body: string): Reply {
  const view = stage.views.get(token);
  const input: PayInput = JSON.parse(body);
  const number = "token" in input ? numberOfToken(input.token) : input.number;
  if (!view) return json(404, {});
  if (view.status !== "requires_payment") return json(200, { success: true, data: view } satisfies PayAnswer);
  const reason = DECLINES[number];
  const wallet = "token" in input && input.token === WALLET_TOKEN ? "Sample wallet" : null;
  const card = wallet === null ? { brand: "visa", last4: number.slice(-4) } : null;
  stage.charges += 1;
  let data: CheckoutView;
  if (reason) data = { ...view, last_failure: { charge_id: stage.charges, reason } };
  else if (number === CHALLENGED) {
    data = { ...view, status: "requires_action", challenge_url: `/challenge/${token}`, card };
  } else if (TAKEN.has(number)) data = { ...view, status: "succeeded", card, wallet, last_failure: null };
  else return json(422, { success: false, errors: { number: "not_a_test_card" } } satisfies PayAnswer);
  stage.views.set(token, data);
  return json(200, { success: true, data } satisfies PayAnswer);
}

function challengePage(stage: Stage, token: string, preference: Preference): Reply {
  const view = stage.views.get(token);
  if (!view) return json(404, {});
  const { merchant, amount, currency } = view;
  const action = `/challenge/${token}`;
  const ways = { action, state: `${action}/state`, back: `/pay/${token}?returned=1`, secondsLeft: 900 };
  const input = { ...ways, merchant, amount, currency, last4: "3220", ...preference, assets: stage.assets };
  return html(200, renderChallengePage(input));
}

function challengeAnswer(stage: Stage, token: string, complete: boolean): Reply {
  const view = stage.views.get(token);
  if (!view) return json(404, {});
  stage.charges += 1;
  const after: CheckoutView = complete
    ? { ...view, status: "succeeded", challenge_url: null }
    : {
        ...view,
        status: "requires_payment",
        challenge_url: null,
        last_failure: { charge_id: stage.charges, reason: "authentication_failed" },
      };
  stage.views.set(token, after);
  return { status: 303, headers: { location: `/pay/${token}?returned=1` }, body: "" };
}

/** A merchant's page of another origin, which writes down what it is told. */
function framePage(url: URL, token: string): string {
  const source = `http://127.0.0.1:PORT/pay/${token}${url.search}`;
  return `<!doctype html><title>Merchant</title><iframe title="Checkout" width="460" height="900"></iframe><pre></pre>
<script>
const log = [];
addEventListener("message", (event) => {
  log.push(event.data);
  document.querySelector("pre").textContent = JSON.stringify(log, null, 2);
});
document.querySelector("iframe").src = ${JSON.stringify(source)}.replace("PORT", location.port);
</script>`;
}

function indexPage(): string {
  const rows = Object.keys(SAMPLES).map((token) => {
    const links = LOCALES.map((locale) => `<a href="/pay/${token}?lang=${locale}">${locale}</a>`).join(" ");
    return `<li>${token}: ${links} · <a href="/frame/${token}">framed</a></li>`;
  });
  return `<!doctype html><title>Checkout preview</title><ul>${rows.join("\n")}
<li><a href="/challenge/action">challenge</a></li><li><a href="/challenge-over">challenge-over</a></li>
<li><a href="/notice/busy">busy</a> <a href="/notice/heldUp">held up</a> <a href="/notice/broken">broken</a></li></ul>`;
}

function html(status: number, body: string, policy = POLICY): Reply {
  const headers = { "content-type": "text/html; charset=utf-8" };
  return {
    status,
    headers: policy === "" ? headers : { ...headers, "content-security-policy": policy },
    body,
  };
}

function json(status: number, body: unknown): Reply {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? null) };
}

if (import.meta.main) {
  const preview = await servePreview(Number(process.argv[2] ?? 4400));
  process.stdout.write(`${preview.url}\n`);
}
