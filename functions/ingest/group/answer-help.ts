import { fill } from '../../../shared/message/fill.ts';
import type { Parameter } from '../../../shared/workflows/schema.ts';
import { type Group, quoted } from './group-options.ts';
import type { Command } from './read-command.ts';
import { ANSWERS } from './texts.ts';

/** What may be asked for in this group, and how. */
export function answerHelp({ offers, language }: Group): string {
  const texts = ANSWERS[language];
  if (offers.length === 0) return texts.nothingHere;
  const lines = offers.map(({ workflow }) => {
    const parameters = Object.entries(workflow.parameters).map(([name, parameter]) => usageOf(name, parameter));
    const word = workflow.words?.[0] ?? '';
    return fill(texts.helpLine, { word, parameters: parameters.join(' '), title: workflow.title });
  });
  return [texts.help, ...lines, texts.helpMore].join('\n');
}

/** `role=devops|developer`, `emp_id=<hint>`, in brackets where it may be left out. */
function usageOf(name: string, { one_of, hint, optional, aliases }: Parameter): string {
  const options = one_of && (Array.isArray(one_of) ? one_of : Object.keys(one_of));
  const value = options && options.length <= MAX_OPTIONS ? options.join('|') : `<${hint ?? name}>`;
  const usage = `${aliases?.[0] ?? name}=${value}`;
  return optional ? `[${usage}]` : usage;
}

const MAX_OPTIONS = 12;

/** In one sentence, with what would have been accepted. */
export function answerMistake({ code, values }: Command & { kind: 'mistake' }, { offers, language }: Group): string {
  const texts = ANSWERS[language];
  const { help, status, why } = WORDS[language];
  const words = [...offers.flatMap(({ workflow }) => workflow.words?.[0] ?? []), status, why, help];
  const safe = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, quoted(value)]));
  return fill(texts.mistakes[code], { accepted: words.join(', '), ...safe });
}

const WORDS = {
  'zh-CN': { help: '帮助', status: '状态', why: '为什么' },
  en: { help: 'help', status: 'status', why: 'why' },
} as const;
