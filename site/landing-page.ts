/** What somebody sees who opens the platform's own address: that it runs, and the next step. */
import { escapeHtml } from "@mintro/checkout/document";
import { COPY_SCRIPT } from "./article-page.ts";
import { htmlPage } from "./layout.ts";

const NEXT: readonly { readonly address: string; readonly title: string; readonly text: string }[] = [
  {
    address: "/docs/guides/first-payment",
    title: "First payment",
    text: "From one request to a paid order.",
  },
  {
    address: "/docs/guides/webhooks",
    title: "Webhooks",
    text: "Hear what happened, signed and repeated until you have it.",
  },
  {
    address: "/docs/guides/iframe-integration",
    title: "Checkout on your page",
    text: "In a frame or a dialog, with one script.",
  },
  {
    address: "/docs/guides/subscriptions",
    title: "Subscriptions",
    text: "Renewals, retries, and two years in a second.",
  },
  { address: "/docs/guides/sdk", title: "TypeScript SDK", text: "Typed, with retries that never pay twice." },
  {
    address: "/docs/guides/testing",
    title: "Testing",
    text: "Cards, a clock you can move, and faults on demand.",
  },
  {
    address: "/docs/guides/cli",
    title: "Command line",
    text: "Forward webhooks to your machine, check your receiver.",
  },
  {
    address: "/docs",
    title: "API reference",
    text: "Every route, field and error, to try from the browser.",
  },
];

/** `demo`: whether `/pay/demo` leads to a payment. */
export function landingPage(
  base: string,
  { publicUrl, demo, checkoutPicture }: { publicUrl: string; demo: boolean; checkoutPicture: string },
): string {
  const url = escapeHtml(publicUrl);
  const demoStep = demo
    ? `<li><h2>See what your customers will see</h2>
<p><a class="button" href="${base}/pay/demo">Open a demo payment</a></p>
<p class="soft">Pay with card <code>4242 4242 4242 4242</code>, any future date and any code. No money moves.</p></li>`
    : "";
  return htmlPage(base, {
    title: "Mintro",
    kind: "landing",
    scripts: [COPY_SCRIPT],
    body: `<main id="main">
<section class="hero">
<div><p class="status">Running at ${url}</p>
<h1>Take your first payment</h1>
<p class="lead">Your server asks for a payment, your customer pays on a page of Mintro’s, and a signed webhook tells your server how it went.</p></div>
<a href="${base}${demo ? "/pay/demo" : "/docs/guides/first-payment"}"><img src="${base}${checkoutPicture}" alt="The checkout page: the order on the left, the card form on the right" width="560" loading="lazy"></a>
</section>
<ol class="steps">
${demoStep}
<li><h2>Ask for a payment of your own</h2>
<p class="soft">Paste this into a terminal, in Mintro’s folder. The answer has a <code>payment_url</code>: open it and pay.</p>
<pre tabindex="0"><code>curl ${url}/api/platform/intents \\
  -H "X-Client-ID: $(cat .mintro/client-id)" \\
  -H "X-Client-Secret: $(cat .mintro/client-secret)" \\
  -H "Idempotency-Key: $(date +%s%N)" \\
  -H "Content-Type: application/json" \\
  -d '{
    "amount": 80, "currency": "USD", "intent_type": "one_time",
    "email": "customer@example.com", "name": "John Doe",
    "reference_id": "ORDER-'$(date +%s%N)'", "integration_type": "iframe",
    "order_items": [{ "name": "Product 1", "quantity": 1, "price": 80 }]
  }'</code></pre></li>
<li><h2>Hear that it was paid</h2>
<p class="soft">In a second terminal, in the same folder: forward webhooks to the server you are writing. No port has to be opened for it.</p>
<pre tabindex="0"><code>npx mintro listen --forward-to http://localhost:4000/webhooks</code></pre>
<p class="soft">No server yet? <code>npx mintro events tail</code> shows the events alone. In a third terminal, make one happen:</p>
<pre tabindex="0"><code>npx mintro trigger payment.succeeded</code></pre></li>
</ol>
<section class="next" aria-labelledby="next"><h2 id="next">Where to go next</h2><ul>
${NEXT.map(({ address, title, text }) => `<li><a href="${base}${address}"><strong>${title}</strong><span>${text}</span></a></li>`).join("\n")}
</ul></section>
</main>`,
  });
}
