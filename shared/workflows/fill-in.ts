import * as z from 'zod/mini';
import { isSet } from '../config/environment.ts';
import { PLATFORM_NAMES, type PlatformName } from '../ids.ts';
import { type Fault, faultAt } from './fault.ts';

/**
 * The parts of the file that hold `${NAME}`; each function fills in only what it needs, and holds only those secrets.
 * `groups` are the ids of the chats in which people may ask for a workflow.
 */
export type Part = 'on' | 'run' | 'chats' | 'groups';
export type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

export interface FillOptions {
  variables: Variables;
  used: readonly Part[];
  /** Those that are configured; what stands under the name of another is not filled in. All of them by default. */
  platforms?: readonly PlatformName[];
}

/** The file with `${NAME}` filled in from `variables` in the parts that are `used`, and what could not be filled in. */
export function fillIn(file: unknown, options: FillOptions): { file: unknown; faults: Fault[] } {
  const { variables, used, platforms = PLATFORM_NAMES } = options;
  const faults: Fault[] = [];
  const others = PLATFORM_NAMES.filter((name) => !platforms.includes(name));
  const groups = groupsOf(file);
  return { file: expand(file, variables, { path: [], around: [], used, others, groups, faults }), faults };
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
  others: readonly string[];
  groups: ReadonlySet<string>;
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

/** A text stands at `chats.<name>.<platform>`, `workflows.<name>.on.<platform>` or `workflows.<name>.run`. */
function isUsed({ path, used, others, groups }: Expansion): boolean {
  const isChat = path[0] === 'chats';
  if (others.includes(String(path[isChat ? 2 : 3]))) return false;
  const isGroup = isChat && groups.has(String(path[1])) && GROUP_KINDS.includes(String(path[3]));
  return used.some((part) => {
    if (part === 'groups') return isGroup;
    return part === 'chats' ? isChat : path[0] === 'workflows' && path[2] === part;
  });
}

/** How a chat is called that the app's own robot is a member of; see the schema of chats. */
const GROUP_KINDS = ['group', 'chat_id'];
const askedInSchema = z.object({ workflows: z.record(z.string(), z.unknown()) });
const chatsSchema = z.object({ chats: z.array(z.string()) });

/** Names of the chats in which people may ask for a workflow, in a file that has not been checked. */
export function groupsOf(file: unknown): Set<string> {
  const { workflows = {} } = askedInSchema.safeParse(file).data ?? {};
  return new Set(Object.values(workflows).flatMap((workflow) => chatsSchema.safeParse(workflow).data?.chats ?? []));
}

function fillInText(text: string, variables: Variables, { path, faults }: Expansion): string {
  return text.replace(VARIABLE, (_, name: string) => {
    const value = variables[name];
    if (isSet(value)) return value;
    faults.push(faultAt(path, ` needs the environment variable ${name}, which is not set`));
    return '';
  });
}
