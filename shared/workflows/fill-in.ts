import { isSet } from '../config/environment.ts';
import { type Fault, faultAt } from './fault.ts';

/** The parts of the file that hold `${NAME}`; each function fills in only what it needs, and holds only those secrets. */
export type Part = 'on' | 'run' | 'chats';
export type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** The file with `${NAME}` filled in from `variables` in the parts that are `used`, and what could not be filled in. */
export function fillIn(file: unknown, variables: Variables, used: readonly Part[]): { file: unknown; faults: Fault[] } {
  const faults: Fault[] = [];
  return { file: expand(file, variables, { path: [], around: [], used, faults }), faults };
}

/** Names of the variables that a text asks for. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, name]) => name ?? []);
}

interface Expansion {
  path: readonly (string | number)[];
  /** The lists and maps around it, for a file that contains itself by an alias. */
  around: readonly object[];
  used: readonly Part[];
  faults: Fault[];
}

/** The format has nothing below 7 levels; what is deeper the schema refuses as it stands. */
const MAX_DEPTH = 16;

function expand(value: unknown, variables: Variables, at: Expansion): unknown {
  if (typeof value === 'string') return isUsed(at) ? fillInText(value, variables, at) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (at.around.length === MAX_DEPTH || at.around.includes(value)) return value;
  const around = [...at.around, value];
  const inside = (key: string | number, item: unknown) =>
    expand(item, variables, { ...at, path: [...at.path, key], around });
  if (Array.isArray(value)) return value.map((item, index) => inside(index, item));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(key, item)]));
}

function isUsed({ path, used }: Expansion): boolean {
  return used.some((part) => (part === 'chats' ? path[0] === 'chats' : path[0] === 'workflows' && path[2] === part));
}

function fillInText(text: string, variables: Variables, { path, faults }: Expansion): string {
  return text.replace(VARIABLE, (_, name: string) => {
    const value = variables[name];
    if (isSet(value)) return value;
    faults.push(faultAt(path, ` needs the environment variable ${name}, which is not set`));
    return '';
  });
}
