import type { PlatformName } from '../ids.ts';
import type { Chat } from './chat-schema.ts';
import type { Command, Parameter, Workflow, Workflows } from './schema.ts';

/** Names that a command may use beside the parameters of the workflow. */
export const BUILT_IN_PARAMETERS = ['request_id'] as const;

/** The workflow that an approval template starts. */
export function findWorkflow(
  { workflows }: Workflows,
  platform: PlatformName,
  code: string,
): { name: string; workflow: Workflow } | undefined {
  for (const [name, workflow] of Object.entries(workflows)) {
    if (templateOf(workflow, platform) === code) return { name, workflow };
  }
  return undefined;
}

/** The code of the platform's template that starts this workflow. */
export function templateOf({ on }: Workflow, platform: PlatformName): string | undefined {
  return platform === 'dingtalk' ? on.dingtalk?.process_code : on.lark?.approval_code;
}

/** Codes of all templates of the platform that start a workflow. */
export function templatesOf({ workflows }: Workflows, platform: PlatformName): string[] {
  return Object.values(workflows).flatMap((workflow) => templateOf(workflow, platform) ?? []);
}

/** Where the parameter stands in the platform's form; undefined where this platform's form has it not. */
export function fieldOf({ field }: Parameter, platform: PlatformName): string | undefined {
  return typeof field === 'string' ? field : field[platform];
}

/** Every text that names instances, whichever of them a request picks. */
export function instanceTextsOf({ run: { instances } }: Workflow): string[] {
  return Array.isArray(instances) ? instances : Object.values(instances.map);
}

/** Names of the parameters that a command line uses, each once. */
export function placeholdersOf(command: Command): string[] {
  const names = command.arguments.flatMap((argument) => /^\{\{(.+)\}\}$/.exec(argument)?.[1] ?? []);
  return [...new Set(names)];
}

const UNITS_MS = { m: 60_000, h: 3600_000 } as const;

/** How long a run waits for instances whose agent does not answer, in ms; 0 where they fail at once. */
export function offlineWaitMs({ run: { offline } }: Workflow): number {
  const [, count, unit] = /^wait (\d+)([mh])$/.exec(offline) ?? [];
  return count === undefined ? 0 : Number(count) * (unit === 'm' ? UNITS_MS.m : UNITS_MS.h);
}

/** The platform's own id of a group that the app's own robot is a member of. */
export function groupIdOf({ dingtalk, lark }: Chat, platform: PlatformName): string | undefined {
  return platform === 'dingtalk' ? dingtalk?.group?.conversation : lark?.chat_id;
}

/** Whether people may ask for anything in groups. */
export function isAskedInGroups({ workflows }: Workflows): boolean {
  return Object.values(workflows).some(({ words }) => words !== undefined);
}

/** Words by which people ask the robot of a group about requests, in both languages. */
export const QUESTION_WORDS = {
  help: ['help', '帮助'],
  status: ['status', '状态'],
  why: ['why', '为什么'],
} as const;
export const RESERVED_WORDS: readonly string[] = Object.values(QUESTION_WORDS).flat();

/** Small and capital letters are one, and so are the wide and narrow forms that input methods make. */
export function foldWord(word: string): string {
  return word.normalize('NFKC').toLowerCase();
}
