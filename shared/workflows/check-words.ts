import { PLATFORM_NAMES } from '../ids.ts';
import { type Fault, faultAt } from './fault.ts';
import { foldWord, groupIdOf, RESERVED_WORDS, templateOf } from './lookups.ts';
import type { Workflow, Workflows } from './schema.ts';

/** How people ask for a workflow in a group: words that mean one thing, in groups where the app's own robot is. */
export function checkWords(path: readonly string[], name: string, file: Workflows): Fault[] {
  const workflow = file.workflows[name];
  if (!workflow || (workflow.words === undefined && workflow.chats === undefined)) return [];
  if (workflow.words === undefined) return [faultAt([...path, 'words'], ' is missing, and people may ask in chats')];
  if (workflow.chats === undefined)
    return [faultAt([...path, 'chats'], ' is missing, and there are words to ask with')];
  return [
    ...workflow.words.flatMap((word, index) => checkWord([...path, 'words', String(index)], name, word, file)),
    ...workflow.chats.flatMap((chat, index) => checkGroup([...path, 'chats', String(index)], workflow, chat, file)),
    ...checkAliases(path, workflow),
  ];
}

function checkWord(path: readonly string[], name: string, word: string, { workflows }: Workflows): Fault[] {
  if (RESERVED_WORDS.includes(foldWord(word))) return [faultAt(path, `: "${word}" asks for help or for a request`)];
  const first = Object.entries(workflows).find(([, { words }]) =>
    words?.some((one) => foldWord(one) === foldWord(word)),
  );
  return first === undefined || first[0] === name
    ? []
    : [faultAt(path, `: the word "${word}" asks for workflows.${first[0]} already`)];
}

function checkGroup(path: readonly string[], workflow: Workflow, chat: string, { chats }: Workflows): Fault[] {
  const found = Object.hasOwn(chats, chat) ? chats[chat] : undefined;
  if (!found) return [faultAt(path, ` names the chat "${chat}", which is not under chats`)];
  const isReached = PLATFORM_NAMES.some((platform) => templateOf(workflow, platform) && groupIdOf(found, platform));
  return isReached
    ? []
    : [faultAt(path, ` names the chat "${chat}", which has neither a dingtalk.group nor a lark.chat_id to ask in`)];
}

function checkAliases(path: readonly string[], { parameters }: Workflow): Fault[] {
  const seen = new Map<string, string>();
  return Object.entries(parameters).flatMap(([name, { aliases = [] }]) =>
    [name, ...aliases].flatMap((alias) => {
      const owner = seen.get(foldWord(alias)) ?? name;
      seen.set(foldWord(alias), owner);
      if (owner === name) return [];
      return [faultAt([...path, 'parameters', name, 'aliases'], `: "${alias}" stands for ${owner} already`)];
    }),
  );
}
