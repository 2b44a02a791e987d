/** Who counts as one customer (contract section 6). */

/** The merchant's own id where given, else the e-mail address in lower case: unique within an account. */
export function customerIdentity(given: {
  readonly customerRefId: string | null;
  readonly email: string;
}): string {
  return given.customerRefId === null
    ? `email:${given.email.toLowerCase()}`
    : identityOfReference(given.customerRefId);
}

export function identityOfReference(customerRefId: string): string {
  return `ref:${customerRefId}`;
}
