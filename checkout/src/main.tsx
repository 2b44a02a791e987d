/** Where the page begins: reads what the server put into the document, opens the visit, and wires it to the browser. */
import type { CheckoutView } from "@mintro/contract/checkout";
import { render } from "preact";
import { App } from "./app.tsx";
import { type Boot, ROOT_ID } from "./boot.ts";
import { parentEvent } from "./events.ts";
import { LanguageContext, languageOf } from "./language-context.ts";
import { UnknownScreen } from "./screens/ending.tsx";
import { fetchState, sendCard } from "./server.ts";
import { CheckoutSession } from "./session.ts";
import "./style/index.css";

const root = document.getElementById(ROOT_ID);
if (root) begin(root, JSON.parse(root.dataset["page"] ?? "null"));

function begin(root: HTMLElement, boot: Boot): void {
  const language = languageOf(boot.locale, boot.texts);
  const page = boot.view === null ? <UnknownScreen /> : <App session={open(boot.view, boot)} />;
  render(<LanguageContext.Provider value={language}>{page}</LanguageContext.Provider>, root);
}

function open(view: CheckoutView, boot: Boot): CheckoutSession {
  const path = location.pathname.replace(/\/+$/, "");
  const session = new CheckoutSession(view, wasReturned(), {
    fetchState: () => fetchState(path),
    sendCard: (card) => sendCard(path, card),
    leave: (url, how) => location[how](url),
    tell: (happening, about) => {
      if (about.integration_type !== "iframe" || window.parent === window) return;
      const event = parentEvent(happening, about, boot.texts, boot.locale);
      for (const origin of about.post_to) window.parent.postMessage(event, origin);
    },
    later: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    hidden: () => document.hidden,
  });
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
