import { PLATFORM_NAMES, type PlatformName } from '../ids.ts';
import { checkWords } from './check-words.ts';
import { type Fault, faultAt } from './fault.ts';
import { BUILT_IN_PARAMETERS, placeholdersOf, templateOf, templatesOf } from './lookups.ts';
import type { Command, Workflow, Workflows } from './schema.ts';

/** InvokeCommand takes at most 10 parameters (https://www.alibabacloud.com/help/en/ecs/api-invokecommand). */
const MAX_COMMAND_PARAMETERS = 10;

/** What only the whole file can tell: names that lead nowhere. The values of the environment change nothing of it. */
export function checkReferences(file: Workflows): Fault[] {
  const { chats, commands, workflows } = file;
  const defaultFaults = checkChatNames(['default_chat'], file.default_chat ?? {}, chats);
  const workflowFaults = Object.entries(workflows).flatMap(([name, workflow]) => {
    const path = ['workflows', name];
    const startFaults = PLATFORM_NAMES.flatMap((platform) => checkStart(path, workflow, platform));
    const nameFaults = BUILT_IN_PARAMETERS.filter((builtIn) => Object.hasOwn(workflow.parameters, builtIn)).map(
      (builtIn) => faultAt([...path, 'parameters', builtIn], ': the name is built in; the parameter needs another'),
    );
    return [
      ...startFaults,
      ...nameFaults,
      ...checkChats(path, workflow, chats),
      ...checkWords(path, name, file),
      ...checkCommand([...path, 'run', 'command'], workflow.run.command, commands, workflow),
      ...checkInstances([...path, 'run'], workflow),
      ...checkReversal(path, workflow, commands),
      ...checkLock(path, workflow),
      ...checkButtons(path, workflow, file.operators),
    ];
  });
  return [...defaultFaults, ...workflowFaults, ...checkHttpSource(file)];
}

/** The chats that a workflow names by platform, and all that people may choose by its parameter, exist. */
function checkChats(path: readonly string[], { chat, on, parameters }: Workflow, chats: Workflows['chats']): Fault[] {
  const { parameter, ...byPlatform } = chat;
  const faults = checkChatNames([...path, 'chat'], byPlatform, chats);
  if (parameter === undefined) return faults;
  const options = Object.hasOwn(parameters, parameter) ? parameters[parameter]?.one_of : undefined;
  if (!options)
    return [
      ...faults,
      faultAt([...path, 'chat', 'parameter'], ` names "${parameter}", which is no parameter with one_of`),
    ];
  const names = Array.isArray(options) ? options : Object.values(options);
  const chosen = PLATFORM_NAMES.filter((platform) => on[platform]).flatMap((platform) =>
    names.flatMap((name) => checkChatNames([...path, 'parameters', parameter, 'one_of'], { [platform]: name }, chats)),
  );
  return [...faults, ...chosen];
}

function checkChatNames(
  path: readonly string[],
  names: Partial<Record<string, string | undefined>>,
  chats: Workflows['chats'],
): Fault[] {
  return Object.entries(names).flatMap(([platform, chat]) =>
    chat === undefined || (Object.hasOwn(chats, chat) && Object.hasOwn(chats[chat] ?? {}, platform))
      ? []
      : [faultAt([...path, platform], ` names the chat "${chat}", and chats.${chat}.${platform} does not exist`)],
  );
}

function checkCommand(
  path: readonly string[],
  name: string,
  commands: Workflows['commands'],
  workflow: Workflow,
): Fault[] {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return checkPlaceholders(path, command, workflow);
  return [faultAt(path, ` names "${name}", which is not under commands`)];
}

function checkReversal(path: readonly string[], workflow: Workflow, commands: Workflows['commands']): Fault[] {
  if (workflow.revoke) return checkCommand([...path, 'revoke', 'command'], workflow.revoke.command, commands, workflow);
  if (workflow.on_revoke === 'ask') return [];
  return [faultAt([...path, 'on_revoke'], ' is auto, and there is no revoke command to run')];
}

function checkLock(path: readonly string[], { lock, parameters }: Workflow): Fault[] {
  if (lock === undefined || Object.hasOwn(parameters, lock)) return [];
  return [faultAt([...path, 'lock'], ` names "${lock}", which is no parameter of the workflow`)];
}

/** Operators that may press a button are named for every platform that the workflow starts on. */
function checkButtons(
  path: readonly string[],
  { buttons = {}, on }: Workflow,
  operators: Workflows['operators'],
): Fault[] {
  const missing = PLATFORM_NAMES.filter((platform) => on[platform] && !operators?.[platform]);
  return Object.entries(buttons).flatMap(([button, people]) =>
    people?.includes('operators')
      ? missing.map((platform) =>
          faultAt([...path, 'buttons', button], ` names operators, and operators.${platform} does not exist`),
        )
      : [],
  );
}

/** Whoever asked on a platform is told there. */
function checkStart(path: readonly string[], workflow: Workflow, platform: PlatformName): Fault[] {
  if (templateOf(workflow, platform) === undefined || workflow.chat[platform] !== undefined) return [];
  return [faultAt([...path, 'chat', platform], ` is missing, and the workflow starts on ${platform}`)];
}

/** What a platform's flow posts can only start a workflow that starts there. */
function checkHttpSource(file: Workflows): Fault[] {
  const { http_source = {} } = file;
  const opened = PLATFORM_NAMES.filter((platform) => Object.hasOwn(http_source, platform));
  const idle = opened.filter((platform) => templatesOf(file, platform).length === 0);
  return idle.map((platform) => faultAt(['http_source', platform], ': no workflow starts there'));
}

/** A parameter that picks the instances has a list, and every value of the list picks some. */
function checkInstances(path: readonly string[], { run: { instances }, parameters }: Workflow): Fault[] {
  if (Array.isArray(instances)) return [];
  const { parameter, map } = instances;
  const options = Object.hasOwn(parameters, parameter) ? parameters[parameter]?.one_of : undefined;
  if (!options)
    return [faultAt([...path, 'instances', 'parameter'], ` names "${parameter}", which is no parameter with one_of`)];
  const values = Array.isArray(options) ? options : Object.values(options);
  const missing = values.filter((value) => !Object.hasOwn(map, value));
  const unknown = Object.keys(map).filter((value) => !values.includes(value));
  return [
    ...missing.map((value) => faultAt([...path, 'instances', 'map'], ` has no entry for "${value}" of ${parameter}`)),
    ...unknown.map((value) =>
      faultAt([...path, 'instances', 'map', value], `: ${parameter} has no such value, only ${values.join(', ')}`),
    ),
  ];
}

function checkPlaceholders(path: readonly string[], command: Command, workflow: Workflow): Fault[] {
  const known = [...Object.keys(workflow.parameters), ...BUILT_IN_PARAMETERS];
  const used = placeholdersOf(command);
  const unknown = used.filter((name) => !known.includes(name));
  return [
    ...unknown.map((name) => faultAt(path, `: the command uses {{${name}}}, which is no parameter of the workflow`)),
    ...(used.length > MAX_COMMAND_PARAMETERS
      ? [faultAt(path, `: ${used.length} parameters, at most ${MAX_COMMAND_PARAMETERS}`)]
      : []),
  ];
}
