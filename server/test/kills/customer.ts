/**
 * Customers at the checkout: what the page sends when somebody pays, asks how it stands, and goes through a challenge. A
 * page whose answer was lost asks for the state and goes by that, and a customer whom it lets may pay again.
 */
import type { Chance } from "../simulation/chance.ts";
import { anAddress, type Json, type Net } from "./net.ts";
import { pause, type Stage } from "./stage.ts";
import type { Told, ToldIntent } from "./told.ts";

const CARDS = {
  "4242424242424242": 50,
  "5555555555554444": 15,
  "378282246310005": 5,
  "4000000000000002": 8,
  "4000000000009995": 5,
  "4000000000003220": 10,
  "4000008400001629": 4,
  "4000002500003155": 3,
} as const;

export type Checkout = {
  /** Pays, or gives up after some attempts. True: the page has said that it is paid. */
  pay(intent: ToldIntent, number?: string): Promise<boolean>;
};

const ATTEMPTS = 5;
/** The first look-up after a lost answer comes after 15 s. */
const FOLLOWS_FOR_MS = 20_000;

export function createCheckout(stage: Stage, net: Net, told: Told): Checkout {
  const chance = stage.chance.fork("customers");
  return {
    async pay(intent, number) {
      const { pathname } = new URL(intent.paymentUrl);
      const page: Page = { stage, net, chance, pathname, headers: { "x-forwarded-for": anAddress(chance) } };
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        stage.count("payments tried");
        const view = await follow(page, await payOnce(page, number ?? chance.weighted(CARDS)));
        if (view.status === "succeeded") {
          stage.count("payments told");
          told.status(intent, "succeeded");
          return true;
        }
        if (view.status === "cancelled") told.status(intent, "cancelled");
        if (view.status !== "requires_payment") return false;
        if (view.last_failure) stage.count("payments declined");
        if (view.last_failure && chance.flip(0.4)) return false;
      }
      return false;
    },
  };
}

type Page = {
  readonly stage: Stage;
  readonly net: Net;
  readonly chance: Chance;
  readonly pathname: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** At times from two tabs at once. */
async function payOnce(page: Page, number: string): Promise<Json> {
  const { stage, net, chance, pathname, headers } = page;
  const body = { name: "John Doe", number, expiry: "12/40", cvc: "123" };
  const send = () => net.ask({ method: "POST", path: `${pathname}/pay`, headers, body });
  const tabs = chance.flip(0.1) ? [send(), send()] : [send()];
  const [heard] = await Promise.all(tabs);
  if (heard?.kind === "answer" && heard.status === 200) return heard.body.data;
  if (heard?.kind === "answer" && heard.status !== 503)
    stage.wrong("no-unexpected-answer", `a payment: ${heard.status} ${heard.text}`);
  if (heard?.kind === "nothing") stage.count("payments whose answer was lost");
  return await state(page);
}

async function state({ stage, net, pathname, headers }: Page): Promise<Json> {
  const { status, body, text } = await net.insist({ method: "GET", path: `${pathname}/state`, headers });
  if (status !== 200) stage.wrong("no-unexpected-answer", `a checkout's state: ${status} ${text}`);
  return body;
}

/** Until nothing is under way any more, through challenges; customers do not wait for ever. */
async function follow(page: Page, first: Json): Promise<Json> {
  let view = first;
  const giveUpAt = performance.now() + FOLLOWS_FOR_MS;
  while (performance.now() < giveUpAt && page.stage.isLoading) {
    if (view.status === "processing") await pause(250);
    else if (view.status === "requires_action") {
      if (page.chance.flip(0.1)) return view; // left alone
      await answerChallenge(page, view.challenge_url);
    } else return view;
    view = await state(page);
  }
  return view;
}

async function answerChallenge({ stage, net, chance, headers }: Page, url: string): Promise<void> {
  stage.count("challenges answered");
  const body = `result=${chance.flip(0.8) ? "complete" : "fail"}`;
  const { pathname } = new URL(url);
  const answered = await net.insist({ method: "POST", path: pathname, headers, body });
  if (answered.status !== 303) {
    stage.wrong("no-unexpected-answer", `a challenge: ${answered.status} ${answered.text.slice(0, 200)}`);
    return;
  }
  const back = new URL(answered.headers.get("location") ?? "");
  const page = await net.insist({ method: "GET", path: back.pathname + back.search, headers });
  if (page.status !== 200) stage.wrong("no-unexpected-answer", `back from a challenge: ${page.status}`);
}
