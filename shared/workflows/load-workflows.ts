import { isSet } from '../config/environment.ts';
import { PLATFORM_NAMES, type PlatformName } from '../ids.ts';
import { describeIssue } from './describe-issue.ts';
import { type Command, type Parameter, type Workflow, type Workflows, workflowsSchema } from './schema.ts';

/** The configuration is wrong: one message for each fault, with its path. */
export class WorkflowsError extends Error {
  override readonly name = 'WorkflowsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`workflows.yaml: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

/** Names that a command may use beside the parameters of the workflow. */
export const BUILT_IN_PARAMETERS = ['request_id'] as const;

/** InvokeCommand takes at most 10 parameters (https://www.alibabacloud.com/help/en/ecs/api-invokecommand). */
const MAX_COMMAND_PARAMETERS = 10;

/** The parts of the file that hold `${NAME}`; each function fills in only what it needs, and holds only those secrets. */
export type Part = 'on' | 'run' | 'chats';

/**
 * Checks the parsed file and fills in `${NAME}` from `variables` in the parts that are `used`. Elsewhere placeholders
 * stay, which is also how the build checks a file whose secrets it must not know.
 */
export function loadWorkflows(
  file: unknown,
  { variables, used }: { variables: Readonly<Record<string, string | undefined>>; used: readonly Part[] } = {
    variables: {},
    used: [],
  },
): Workflows {
  const faults: string[] = [];
  const expanded = expand(file, variables, { path: [], used, faults });
  if (faults.length > 0) throw new WorkflowsError(faults);
  const parsed = workflowsSchema.safeParse(expanded);
  if (!parsed.success) throw new WorkflowsError(parsed.error.issues.map(describeIssue));
  const references = checkReferences(parsed.data);
  if (references.length > 0) throw new WorkflowsError(references);
  return parsed.data;
}

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
function templateOf({ on }: Workflow, platform: PlatformName): string | undefined {
  return platform === 'dingtalk' ? on.dingtalk?.process_code : on.lark?.approval_code;
}

/** Where the parameter stands in the platform's form; undefined where this platform's form has it not. */
export function fieldOf({ field }: Parameter, platform: PlatformName): string | undefined {
  return typeof field === 'string' ? field : field[platform];
}

/** Names of the parameters that a command line uses, each once. */
export function placeholdersOf(command: Command): string[] {
  const names = command.arguments.flatMap((argument) => /^\{\{(.+)\}\}$/.exec(argument)?.[1] ?? []);
  return [...new Set(names)];
}

interface Expansion {
  path: readonly (string | number)[];
  used: readonly Part[];
  faults: string[];
}

function expand(value: unknown, variables: Readonly<Record<string, string | undefined>>, at: Expansion): unknown {
  if (typeof value === 'string') return isUsed(at) ? fillIn(value, variables, at) : value;
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

function fillIn(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
  { path, faults }: Expansion,
): string {
  return text.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_, name: string) => {
    const value = variables[name];
    if (isSet(value)) return value;
    faults.push(`${path.join('.')} needs the environment variable ${name}, which is not set`);
    return '';
  });
}

function checkReferences(file: Workflows): string[] {
  const { chats, commands, workflows } = file;
  return Object.entries(workflows).flatMap(([name, workflow]) => {
    const path = `workflows.${name}`;
    const startFaults = PLATFORM_NAMES.flatMap((platform) => checkStart(file, name, workflow, platform));
    const nameFaults = BUILT_IN_PARAMETERS.filter((builtIn) => Object.hasOwn(workflow.parameters, builtIn)).map(
      (builtIn) => `${path}.parameters.${builtIn}: the name is built in; the parameter needs another`,
    );
    const chatFaults = Object.entries(workflow.chat).flatMap(([platform, chat]) =>
      chat === undefined || Object.hasOwn(chats[chat] ?? {}, platform)
        ? []
        : [`${path}.chat.${platform} names the chat "${chat}", and chats.${chat}.${platform} does not exist`],
    );
    const command = Object.hasOwn(commands, workflow.run.command) ? commands[workflow.run.command] : undefined;
    const commandFaults = command
      ? checkPlaceholders(`${path}.run.command`, command, workflow)
      : [`${path}.run.command names "${workflow.run.command}", which is not under commands`];
    return [...startFaults, ...nameFaults, ...chatFaults, ...commandFaults];
  });
}

/** A template starts one workflow, and whoever asked on a platform is told there. */
function checkStart(file: Workflows, name: string, workflow: Workflow, platform: PlatformName): string[] {
  const template = templateOf(workflow, platform);
  if (template === undefined) return [];
  const path = `workflows.${name}`;
  const first = findWorkflow(file, platform, template)?.name;
  return [
    ...(first === name ? [] : [`${path}.on.${platform}: the template "${template}" starts workflows.${first} already`]),
    ...(workflow.chat[platform] === undefined
      ? [`${path}.chat.${platform} is missing, and the workflow starts on ${platform}`]
      : []),
  ];
}

function checkPlaceholders(path: string, command: Command, workflow: Workflow): string[] {
  const known = [...Object.keys(workflow.parameters), ...BUILT_IN_PARAMETERS];
  const used = placeholdersOf(command);
  const unknown = used.filter((name) => !known.includes(name));
  return [
    ...unknown.map((name) => `${path}: the command uses {{${name}}}, which is no parameter of the workflow`),
    ...(used.length > MAX_COMMAND_PARAMETERS
      ? [`${path}: ${used.length} parameters, at most ${MAX_COMMAND_PARAMETERS}`]
      : []),
  ];
}
