/** Where the page begins: reads what the server put into the document, opens the visit, and wires it to the browser. */
import type { CheckoutView } from "@mintro/contract/checkout";
import { render } from "preact";
import { App } from "./app.tsx";
import { type Boot, ROOT_ID } from "./boot.ts";
import { CHALLENGE_ID, followChallenge } from "./challenge.ts";
import { answerEmbed, type Embed } from "./embed.ts";
import { parentEvent } from "./events.ts";
import { LanguageContext, languageOf } from "./language-context.ts";
import { fieldsMounter } from "./mount-fields.ts";
import { UnknownScreen } from "./screens/ending.tsx";
import { fetchFields, fetchIsOpen, fetchState, sendPayment } from "./server.ts";
import { CheckoutSession } from "./session.ts";
import "./style/index.css";

const root = document.getElementById(ROOT_ID);
if (root) begin(root, JSON.parse(root.dataset["page"] ?? "null"));
const challenge = document.getElementById(CHALLENGE_ID);
if (challenge) follow(challenge);

function begin(root: HTMLElement, boot: Boot): void {
  const language = languageOf(boot, boot.texts);
  const mountFields = fieldsMounter((signal) => fetchFields(pagePath(), signal), boot.locale);
  const page =
    boot.view === null ? (
      <UnknownScreen />
    ) : (
      <App session={open(boot.view, boot, root)} mountFields={mountFields} />
    );
  // What stands there was drawn by the server, for whoever waits for the script (checkout/static-page.ts).
  root.replaceChildren();
  root.removeAttribute("aria-busy");
  render(<LanguageContext.Provider value={language}>{page}</LanguageContext.Provider>, root);
}

function open(view: CheckoutView, boot: Boot, root: HTMLElement): CheckoutSession {
  const path = pagePath();
  let embed: Embed | null = null;
  const session = new CheckoutSession(view, wasReturned(), {
    fetchState: () => fetchState(path),
    sendPayment: (input) => sendPayment(path, input),
    leave: (url, how) => {
      const leave = () => location[how](url);
      if (embed) embed.leave(leave);
      else leave();
    },
    tell: (happening, about) => {
      if (about.integration_type !== "iframe" || window.parent === window) return;
      const event = parentEvent(happening, about, boot.texts, boot.locale);
      for (const origin of about.post_to) window.parent.postMessage(event, origin);
    },
    later,
    hidden: () => document.hidden,
  });
  if (view.integration_type === "iframe" && window.parent !== window)
    embed = listenToEmbed(session, view, root);
  session.start();
  if (!session.model.leaving) forgetReturn();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) session.refresh();
  });
  addEventListener("online", () => session.refresh());
  addEventListener("pageshow", (event) => {
    if (event.persisted) session.cameBack();
  });
  return session;
}

function follow(form: HTMLElement): void {
  const { state = "", back = "" } = form.dataset;
  const follower = followChallenge({
    isOpen: () => fetchIsOpen(state),
    goBack: () => location.replace(back),
    later,
    hidden: () => document.hidden,
  });
  form.addEventListener("submit", follower.stop);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) follower.refresh();
  });
}

function listenToEmbed(session: CheckoutSession, view: CheckoutView, root: HTMLElement): Embed {
  return answerEmbed({
    window,
    origins: view.post_to,
    model: () => session.model,
    subscribe: (listener) => session.subscribe(listener),
    watchHeight: (then) => {
      const measure = () => then(Math.ceil(root.getBoundingClientRect().height));
      measure();
      new ResizeObserver(measure).observe(root);
    },
    look: (as) => document.documentElement.classList.add(as),
    later,
  });
}

/** `/pay/{token}` */
function pagePath(): string {
  return location.pathname.replace(/\/+$/, "");
}

function later(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

function wasReturned(): boolean {
  return new URLSearchParams(location.search).get("returned") === "1";
}

/** A reload is a new visit: `returned` must not outlive the way back from the challenge. */
function forgetReturn(): void {
  const url = new URL(location.href);
  if (!url.searchParams.has("returned")) return;
  url.searchParams.delete("returned");
  history.replaceState(history.state, "", url);
}
