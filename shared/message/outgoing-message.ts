import type { PressKind } from '../events.ts';

/** What people of the chat can ask for by a press. */
export interface MessageButton {
  what: PressKind;
  label: string;
  requestId: string;
}

/** A paragraph of a message; on a card each is a field of its own. */
export interface MessageBlock {
  name: 'reason' | 'request' | 'run' | 'reference' | 'output';
  /** In the markdown that both platforms read; everything foreign in it is neutralised. */
  text: string;
}

export interface OutgoingMessage {
  /** One line. Also shown in the notification. */
  title: string;
  blocks: readonly MessageBlock[];
  /** How the request stands, for a platform that can show it by colour. */
  tone: 'running' | 'success' | 'warning' | 'failure' | 'neutral';
  /** Only on a channel that has buttons, for a workflow that has some; none of them may be of use at the moment. */
  buttons?: readonly MessageButton[];
  /** Ids of people who are called by name, where the channel can. */
  mention: readonly string[];
  /** The message that it answers, where the channel can show that. */
  replyTo?: string;
  /** The same message sent again under the same key is shown once, where the channel knows keys. */
  idempotencyKey: string;
}

/** The blocks of a message as one markdown text. */
export function joinBlocks(blocks: readonly MessageBlock[]): string {
  return blocks
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join('\n');
}

const CUT = '…';

/** The blocks cut to so many bytes of JSON, the last ones first and at a line; the reason and the reference stay. */
export function fitBlocks(blocks: readonly MessageBlock[], maxBytes: number): MessageBlock[] {
  const fitted = [...blocks];
  for (const name of ['output', 'run', 'request'] as const) {
    const index = fitted.findIndex((block) => block.name === name);
    const block = fitted[index];
    const over = jsonBytes(joinBlocks(fitted)) - maxBytes;
    if (block && over > 0) fitted[index] = { name, text: cutLines(block.text, jsonBytes(block.text) - over) };
  }
  return fitted;
}

function cutLines(text: string, maxBytes: number): string {
  let lines = text.split('\n');
  while (lines.length > 0 && jsonBytes([...lines, CUT].join('\n')) > maxBytes) lines = lines.slice(0, -1);
  return lines.length === 0 ? '' : [...lines, CUT].join('\n');
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
