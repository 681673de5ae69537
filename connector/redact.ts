/** Takes secrets and the queries of addresses, which hold tickets, out of a text that others wrote. */
export function redact(text: string, secrets: readonly string[]): string {
  const hidden = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  return hidden.replace(/((?:https?|wss?):\/\/[^\s?"']*)\?[^\s"']*/g, '$1?***').slice(0, 500);
}
