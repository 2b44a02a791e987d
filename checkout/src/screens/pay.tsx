/** The screen to pay on: the order beside the card form, or beside the processor's own fields. */
import type { MountFields } from "../mount-fields.ts";
import { CardForm, type CardFormProps } from "./card-form.tsx";
import { FieldsForm } from "./fields-form.tsx";
import { Sheet } from "./frame.tsx";
import { Summary } from "./summary.tsx";

export interface PayScreenProps extends CardFormProps {
  readonly mountFields: MountFields;
}

export function PayScreen({ mountFields, ...props }: PayScreenProps) {
  const { model, session } = props;
  return (
    <Sheet wide>
      <Summary view={model.view} />
      {model.view.collection === "our_form" ? (
        <CardForm {...props} />
      ) : (
        <FieldsForm model={model} session={session} mountFields={mountFields} />
      )}
    </Sheet>
  );
}
