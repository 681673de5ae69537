import * as z from 'zod/mini';
import { joinBlocks, type OutgoingMessage } from '../../message/outgoing-message.ts';
import type { Channel } from '../platform.ts';
import type { DingtalkClient } from './client.ts';

/** `msgParam` takes 15,000 bytes; quotes and line breaks in it are escaped twice. */
const MAX_BYTES = 12_000;
const sentSchema = z.object({ processQueryKey: z.string() });

/**
 * The app's own robot in a group: it knows no key for a repeated message, cannot change one, and calls nobody by name.
 * https://open.dingtalk.com/document/development/the-robot-sends-a-group-message
 */
export function groupRobot(client: DingtalkClient, group: { robotCode: string; conversation: string }): Channel {
  return {
    maxBytes: MAX_BYTES,
    maxUpdates: 0,
    isLimited: false,
    post: async (message) => {
      const body = { robotCode: group.robotCode, openConversationId: group.conversation, ...markdown(message) };
      const request = { method: 'POST', path: '/v1.0/robot/groupMessages/send', body } as const;
      return (await client.call(request, sentSchema)).processQueryKey;
    },
  };
}

/** Plain text in a group; the platform knows no key for it. */
export async function answerInGroup(
  client: DingtalkClient,
  { robotCode, conversation }: { robotCode: string; conversation: string },
  content: string,
): Promise<void> {
  const text = { msgKey: 'sampleText', msgParam: JSON.stringify({ content }) };
  const body = { robotCode, openConversationId: conversation, ...text };
  await client.call({ method: 'POST', path: '/v1.0/robot/groupMessages/send', body }, sentSchema);
}

/** https://open.dingtalk.com/document/development/chatbots-send-one-on-one-chat-messages-in-batches */
export async function tellPeople(
  client: DingtalkClient,
  robotCode: string,
  userIds: readonly string[],
  message: OutgoingMessage,
): Promise<void> {
  const body = { robotCode, userIds, ...markdown(message) };
  await client.call({ method: 'POST', path: '/v1.0/robot/oToMessages/batchSend', body }, sentSchema);
}

function markdown(message: OutgoingMessage) {
  const text = `### ${message.title}\n\n${joinBlocks(message.blocks)}`;
  return { msgKey: 'sampleMarkdown', msgParam: JSON.stringify({ title: message.title, text }) };
}
