import type { Leases } from '../../../shared/journal/leases.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import type { KeptQuestion } from '../../../shared/journal/questions.ts';
import type { Usage } from '../../../shared/journal/usage.ts';
import { oneLine } from '../../../shared/message/neutralise.ts';
import { groupIdOf } from '../../../shared/workflows/lookups.ts';
import type { Language, Workflows } from '../../../shared/workflows/schema.ts';
import type { IngestOptions } from '../ingest-options.ts';
import type { Offer } from './read-command.ts';

/** What answers people in groups. */
export interface GroupOptions extends IngestOptions {
  leases: Leases;
  work: ObjectStore;
  usage: Pick<Usage, 'level'>;
}

/** The group of a question as workflows.yaml knows it. */
export interface Group {
  /** Its configured name; undefined where no chat is this group. */
  chat?: string;
  /** What may be asked for in it. */
  offers: Offer[];
  language: Language;
}

export function groupOf({ workflows, chats }: Workflows, { platform, conversation }: KeptQuestion): Group {
  const chat = Object.entries(chats).find(([, one]) => groupIdOf(one, platform) === conversation)?.[0];
  const offers = Object.entries(workflows).flatMap(([name, workflow]): Offer[] =>
    chat !== undefined && workflow.chats?.includes(chat) && workflow.on[platform] ? [{ name, workflow }] : [],
  );
  const language = offers[0]?.workflow.language ?? Object.values(workflows)[0]?.language ?? 'zh-CN';
  return { ...(chat === undefined ? {} : { chat }), offers, language };
}

const WIDE = new Map([
  ['<', '＜'],
  ['>', '＞'],
  ['@', '＠'],
]);

/** What others have written, in a plain text of ours: on one line, and calling nobody. */
export function quoted(text: string, maxBytes = 128): string {
  return oneLine(text, maxBytes).replace(/[<>@]/g, (sign) => WIDE.get(sign) ?? '');
}
