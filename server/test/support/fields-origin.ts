/** What customers' browsers see of the processor with fields of its own: its module, its frame, and its challenge's page. */
import { createServer, type ServerResponse } from "node:http";
import type { AccountId } from "../../src/domain/ids.ts";
import type { FieldsBooks, FieldsKind } from "./fields-books.ts";

export type FieldsOrigin = {
  readonly url: string;
  /** Answers a challenge as a browser does, and gives the address that this leads back to. */
  answer(url: string, answer: "complete" | "fail"): Promise<string>;
  close(): Promise<void>;
};

export async function openFieldsOrigin(books: FieldsBooks): Promise<FieldsOrigin> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fields.test");
    const [, first = "", ref = "", last = ""] = pathname.split("/");
    if (first === "fields.js") return send(response, "text/javascript", MODULE);
    if (first === "frame.html") return send(response, "text/html", FRAME);
    if (first === "tokens") {
      const kind = KINDS.get(searchParams.get("number") ?? "");
      const account = (searchParams.get("account") ?? "") as AccountId;
      return send(
        response,
        "application/json",
        JSON.stringify({ token: kind && books.newToken(account, kind) }),
      );
    }
    if (first === "authorize" && (last === "complete" || last === "fail")) {
      const back = books.answerChallenge(ref, last);
      return back ? response.writeHead(303, { location: back }).end() : response.writeHead(410).end("over");
    }
    if (first === "authorize" && books.isOpen(ref)) return send(response, "text/html", challengePage(ref));
    return response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async answer(url, answer) {
      const answered = await fetch(`${url}/${answer}`, { redirect: "manual" });
      const back = answered.headers.get("location");
      if (back === null) throw new Error("The challenge is over.");
      return back;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, type: string, body: string): ServerResponse {
  return response
    .writeHead(200, { "content-type": `${type}; charset=utf-8`, "access-control-allow-origin": "*" })
    .end(body);
}

/** By what is typed into the frame. */
const KINDS: ReadonlyMap<string, FieldsKind> = new Map([
  ["1111", "succeeds"],
  ["2222", "declined"],
  ["3333", "challenge"],
  ["4444", "decides_later"],
  ["5555", "wallet"],
]);

const challengePage = (ref: string) => `<!doctype html><title>Bank</title>
<p><a href="/authorize/${ref}/complete">It is me</a> <a href="/authorize/${ref}/fail">It is not</a></p>`;

/** The number never leaves this origin: the frame has it made into a token. */
const FRAME = `<!doctype html><html lang="en"><title>Card</title>
<label>Number <input id="number" inputmode="numeric"></label><p id="wrong" role="alert"></p>
<script>
addEventListener("message", async ({ data, ports, source }) => {
  if (data !== "submit") return;
  const number = document.getElementById("number").value;
  const query = new URLSearchParams({ number, account: new URLSearchParams(location.search).get("account") });
  const { token } = await (await fetch("/tokens?" + query, { method: "POST" })).json();
  document.getElementById("wrong").textContent = token ? "" : "This number is not known.";
  ports[0].postMessage(token ? { token } : { refused: "Check the number." });
});
</script>`;

/** As checkout/src/fields.ts asks for it. */
const MODULE = `
export async function mount(place, { settings, locale }) {
  const frame = document.createElement("iframe");
  frame.title = "Card (" + locale + ")";
  frame.src = new URL("/frame.html?account=" + settings.account, import.meta.url);
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  place.append(frame);
  await loaded;
  return {
    submit: () => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data);
      frame.contentWindow.postMessage("submit", new URL(import.meta.url).origin, [port2]);
    }),
    focus: () => frame.focus(),
    setBusy: () => undefined,
    unmount: () => frame.remove(),
  };
}`;
