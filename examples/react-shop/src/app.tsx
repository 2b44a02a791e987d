/** The shop: choose, pay, wait for the coffee. */
import { type SubmitEvent, useState } from "react";
import { Checkout } from "./checkout.tsx";
import { OrderStatus } from "./order-status.tsx";
import { cancelOrder, placeOrder } from "./orders.ts";
import { PRODUCTS, type Product } from "./products.ts";

type View =
  | { readonly name: "choosing"; readonly note?: string }
  | { readonly name: "paying"; readonly paymentUrl: string; readonly modal: boolean }
  | { readonly name: "ordered" };

type Fields = Record<string, FormDataEntryValue>;

export function App() {
  const [view, setView] = useState<View>({ name: "choosing" });
  const [orderId, setOrderId] = useState(newId);

  function startAgain(note?: string): void {
    setOrderId(newId()); // another payment than the one before
    setView(note === undefined ? { name: "choosing" } : { name: "choosing", note });
  }

  function cancel(): void {
    // Whoever does not want to pay leaves no open payment behind. If this fails, it expires after a day.
    cancelOrder(orderId).catch(() => {});
    startAgain("You have not paid, and nothing was charged.");
  }

  function order(fields: Fields): void {
    const modal = fields["place"] === "dialog";
    placeOrder({ ...fields, id: orderId })
      .then((paymentUrl) => setView({ name: "paying", paymentUrl, modal }))
      .catch((error: Error) => setView({ name: "choosing", note: error.message }));
  }

  const isInline = view.name === "paying" && !view.modal;
  return (
    <>
      <header>Slow Roast</header>
      <main>
        {view.name === "ordered" ? (
          <OrderStatus orderId={orderId} onAgain={() => startAgain()} />
        ) : (
          <>
            <h1>{isInline ? "Your payment" : "Coffee for the week"}</h1>
            {view.name === "choosing" && view.note && <p role="alert">{view.note}</p>}
            <OrderForm hidden={isInline} onChange={() => setOrderId(newId())} onOrder={order} />
          </>
        )}
        {view.name === "paying" && (
          <Checkout
            paymentUrl={view.paymentUrl}
            modal={view.modal}
            onPaid={() => setView({ name: "ordered" })}
            onCanceled={cancel}
            onClosed={(phase) => {
              if (phase === "processing" || phase === "challenge") setView({ name: "ordered" });
              else cancel();
            }}
          />
        )}
      </main>
    </>
  );
}

/** Stays on the page while the customer pays, so that it keeps what was typed. */
function OrderForm(props: { hidden: boolean; onChange: () => void; onOrder: (fields: Fields) => void }) {
  const { hidden, onChange, onOrder } = props;
  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    onOrder(Object.fromEntries(new FormData(event.currentTarget, event.nativeEvent.submitter)));
  }
  return (
    <form onSubmit={submit} onChange={onChange} hidden={hidden}>
      <fieldset>
        <legend>Which one?</legend>
        {PRODUCTS.map((product) => (
          <Choice key={product.id} product={product} />
        ))}
      </fieldset>
      <label>
        Name <input name="name" autoComplete="name" required />
      </label>
      <label>
        E-mail <input name="email" type="email" autoComplete="email" required />
      </label>
      <p className="choices">
        <button type="submit">Pay on this page</button>
        <button type="submit" name="place" value="dialog" className="quiet">
          Pay in a dialog
        </button>
      </p>
    </form>
  );
}

function Choice({ product: { id, name, notes, price, colour } }: { product: Product }) {
  return (
    <label className="choice">
      <input type="radio" name="product" value={id} defaultChecked={id === PRODUCTS[0].id} />
      <svg viewBox="0 0 60 84" width="45" height="63" aria-hidden="true">
        <path fill={colour} d="M6 14 12 2h36l6 12v64a4 4 0 0 1-4 4H10a4 4 0 0 1-4-4z" />
        <path fill="#fff" fillOpacity=".3" d="M6 14 12 2h36l6 12z" />
        <circle fill="#fff" fillOpacity=".85" cx="30" cy="48" r="14" />
        <path fill="none" stroke={colour} strokeWidth="3" d="M30 35q-7 13 0 26" />
      </svg>
      <span>
        <span className="line">
          <strong>{name}</strong> <strong>${price}</strong>
        </span>
        <span className="faint">{notes}</span>
      </span>
    </label>
  );
}

function newId(): string {
  return crypto.randomUUID();
}
