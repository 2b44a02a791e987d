/** The screen to pay on: the order beside the card form. */
import { CardForm, type CardFormProps } from "./card-form.tsx";
import { Sheet } from "./frame.tsx";
import { Summary } from "./summary.tsx";

export function PayScreen(props: CardFormProps) {
  return (
    <Sheet wide>
      <Summary view={props.model.view} />
      <CardForm {...props} />
    </Sheet>
  );
}
