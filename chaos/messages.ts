import type { GroupMessage } from '../local/cloud/group-messages.ts';
import { groupBy } from './group-by.ts';

/** What the oracle looks at in a message. */
export type ShownMessage = Pick<GroupMessage, 'platform' | 'title' | 'text'>;

/** Titles of what is said on the way to the end. */
const PROGRESS = /^(📝|⏳|💤|⏸️|▶️)/u;

/** What the groups show of a request. */
export interface Told {
  /** Titles of final messages in the group of the request's own platform. */
  finals: string[];
  /** Messages that must not be there: in another platform's group, or of Lark's and never changed to the end. */
  misleading: string[];
}

export interface Messages {
  of(requestId: string): Told;
  /** Requests that are named. */
  named: Set<string>;
  /** Titles of messages that name no request. */
  nameless: string[];
}

/** Sorts the messages of all groups by the request whose number each carries. */
export function sortMessages(messages: readonly ShownMessage[]): Messages {
  const named = groupBy(messages, ({ text }) => requestIdOf(text) ?? '');
  const nameless = (named.get('') ?? []).map(({ title }) => title);
  named.delete('');
  return {
    of: (requestId) => toldOf(requestId, named.get(requestId) ?? []),
    named: new Set(named.keys()),
    nameless,
  };
}

function toldOf(requestId: string, messages: readonly ShownMessage[]): Told {
  const isOwn = ({ platform }: ShownMessage) => requestId.startsWith(`${platform}.`);
  const own = messages.filter(isOwn);
  const finals = own.filter(({ title }) => !PROGRESS.test(title));
  // In DingTalk's group a message stays as it is; in Lark's the one that says "running" becomes the one with the end.
  const stuck = own.filter(({ platform, title }) => platform === 'lark' && PROGRESS.test(title));
  const elsewhere = messages.filter((message) => !isOwn(message));
  return {
    finals: finals.map(({ title }) => title),
    misleading: [...stuck, ...elsewhere].map(({ platform, title }) => `${title} on ${platform}`),
  };
}

function requestIdOf(text: string): string | undefined {
  return /^- 编号：([A-Za-z0-9._-]+)/m.exec(text)?.[1];
}
