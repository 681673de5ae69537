import { openSecretClient } from '../../setup/secrets/check-secrets.ts';
import type { SetupTarget } from '../../setup/target.ts';
import type { Variables } from '../../shared/platforms/tools.ts';
import { referencesIn } from '../../shared/secrets/references.ts';

/** The variables of a function as far as the key of the shell may know them. */
export interface KnownVariables {
  /** With secrets in the place of references; without those that cannot be read. */
  variables: Readonly<Record<string, string>>;
  /** References by their variable: whether the function finds a secret there is another question. */
  references: ReadonlyMap<string, string>;
  /** Variables whose secret this key may not read, or nobody can. */
  unread: readonly string[];
}

/** Reads what variables refer to. That a key may not is no fault: only the function has to. */
export async function readReferences(
  target: SetupTarget,
  given: Readonly<Record<string, string>>,
): Promise<KnownVariables> {
  const references = wellFormed(given);
  const client = openSecretClient(target);
  const read = [...references].map(async ([variable, name]): Promise<[string, string | undefined]> => {
    return [variable, await client.getSecretValue(name).catch(() => undefined)];
  });
  const values = new Map(references.size > 0 ? await Promise.all(read) : []);
  const known = Object.entries(given).flatMap(([variable, value]): [string, string][] => {
    if (!values.has(variable)) return [[variable, value]];
    const secret = values.get(variable);
    return secret === undefined ? [] : [[variable, secret]];
  });
  const unread = [...values].flatMap(([variable, value]) => (value === undefined ? [variable] : []));
  return { variables: Object.fromEntries(known), references, unread };
}

/** What is no reference stays as it is: the function's own words for it are found where its variables are looked at. */
function wellFormed(variables: Variables): Map<string, string> {
  try {
    return referencesIn(variables);
  } catch {
    return new Map();
  }
}
