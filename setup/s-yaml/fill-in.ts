/** Values by name: what the deploying shell has, or `vars` of the file. */
export type Values = Readonly<Record<string, string | undefined>>;

export interface Sources {
  variables: Values;
  vars: Values;
}

/** The forms of Serverless Devs' language that our file uses: `${env('NAME', 'default')}` and `${vars.name}`. */
export const ENV_FORM = /\$\{env\('([A-Z][A-Z0-9_]*)'(?:, *'([^']*)')?\)\}/g;
export const VARS_FORM = /\$\{vars\.([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Fills in every text below `value`; a variable without a value counts as missing, as in the tool. */
export function fillIn(value: unknown, sources: Sources): unknown {
  if (typeof value === 'string') return fillInText(value, sources);
  if (Array.isArray(value)) return value.map((item) => fillIn(item, sources));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, sources)]));
}

export function fillInText(text: string, { variables, vars }: Sources): string {
  return text
    .replace(ENV_FORM, (_, name: string, otherwise = '') => variables[name] || otherwise)
    .replace(VARS_FORM, (_, name: string) => vars[name] ?? '');
}

/** What `extend` of a resource makes of template and props, as tried with 3.1.10: maps are merged, lists replaced. */
export function mergeTemplate(template: unknown, props: unknown): unknown {
  if (props === undefined) return template;
  if (!isMap(template) || !isMap(props)) return props;
  const own = Object.entries(props).map(([key, value]) => [key, mergeTemplate(template[key], value)]);
  return { ...template, ...Object.fromEntries(own) };
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
