import { isSet } from '../config/environment.ts';
import { type Fault, faultAt } from './fault.ts';

/** The parts of the file that hold `${NAME}`; each function fills in only what it needs, and holds only those secrets. */
export type Part = 'on' | 'run' | 'chats';
export type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** The file with `${NAME}` filled in from `variables` in the parts that are `used`, and what could not be filled in. */
export function fillIn(file: unknown, variables: Variables, used: readonly Part[]): { file: unknown; faults: Fault[] } {
  const faults: Fault[] = [];
  return { file: expand(file, variables, { path: [], used, faults }), faults };
}

/** Names of the variables that a text asks for. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, name]) => name ?? []);
}

interface Expansion {
  path: readonly (string | number)[];
  used: readonly Part[];
  faults: Fault[];
}

function expand(value: unknown, variables: Variables, at: Expansion): unknown {
  if (typeof value === 'string') return isUsed(at) ? fillInText(value, variables, at) : value;
  if (Array.isArray(value))
    return value.map((item, index) => expand(item, variables, { ...at, path: [...at.path, index] }));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, expand(item, variables, { ...at, path: [...at.path, key] })]),
  );
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
