/** How an order stands, asked of the shop's server until it has come to an end. */
import { useEffect, useState } from "react";
import { type OrderState, orderState } from "./orders.ts";

const ASK_EVERY_MS = 1_000;

export function OrderStatus({ orderId, onAgain }: { orderId: string; onAgain: () => void }) {
  const [state, setState] = useState<OrderState>({ status: "processing", delivered: false });
  const isOver = state.delivered || !["succeeded", "processing", "requires_action"].includes(state.status);

  useEffect(() => {
    if (isOver) return;
    let gone = false;
    const look = (): void => {
      orderState(orderId)
        .then((now) => gone || setState(now))
        .catch(() => {}); // the next look may be luckier
    };
    look();
    const timer = setInterval(look, ASK_EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [orderId, isOver]);

  const [title, text] = words(state);
  return (
    <section>
      <h1>{title}</h1>
      <p role="status">{text}</p>
      <p className="faint">Order {orderId}</p>
      {isOver && (
        <button type="button" className="quiet" onClick={onAgain}>
          {state.delivered ? "Order something else" : "Try again"}
        </button>
      )}
    </section>
  );
}

function words({ status, delivered }: OrderState): [title: string, text: string] {
  if (delivered) return ["Thank you", "Your coffee is on its way."];
  if (status === "succeeded") return ["Thank you", "Your payment has come. We are packing your coffee."];
  if (status === "processing" || status === "requires_action")
    return ["One moment", "Your payment is being processed."];
  return ["Not paid", "The payment did not go through, and nothing was charged."];
}
