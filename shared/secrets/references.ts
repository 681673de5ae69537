const PREFIX = 'kms:';
/** https://www.alibabacloud.com/help/doc-detail/154490.htm */
const NAME = /^[A-Za-z0-9_/+=.@-]{1,192}$/;

/** The variables that refer to a secret, with its name. Throws for what cannot be the name of one. */
export function referencesIn(variables: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const references = new Map<string, string>();
  for (const [variable, value] of Object.entries(variables)) {
    if (!value?.startsWith(PREFIX)) continue;
    const name = value.slice(PREFIX.length);
    if (!NAME.test(name))
      throw new Error(
        `${variable} begins with "kms:", and what follows is no name of a secret: 1 to 192 letters, digits and _/+=.@-`,
      );
    references.set(variable, name);
  }
  return references;
}

export function isReference(value: string): boolean {
  return value.startsWith(PREFIX) && NAME.test(value.slice(PREFIX.length));
}

export function referenceTo(name: string): string {
  return `${PREFIX}${name}`;
}
