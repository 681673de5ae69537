import type { LogEntry } from '../../shared/log.ts';

/** Lark's words for what happens to an event on its way. */
const WORDS: Readonly<Record<string, string>> = {
  'event sent': 'callback sent',
  'event answered': 'callback answered',
  'event failed': 'callback failed',
  'event dropped': 'callback dropped',
};

/** An entry about an event of Lark's approvals in the words that DingTalk has for its callbacks; any other as it is. */
export function asCallback(entry: LogEntry): LogEntry {
  const { message, fields } = entry;
  const word = WORDS[message];
  if (word === undefined || fields['event'] !== 'approval_instance') return entry;
  // What is sent when an approval is submitted starts nothing; but while it fails, what comes later waits behind it.
  const type = fields['status'] === 'PENDING' && message !== 'event failed' ? 'start' : 'finish';
  return { ...entry, message: word, fields: { ...fields, type } };
}
