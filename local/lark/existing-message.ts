import { LarkError } from './api-error.ts';
import type { Message, Messages } from './messages.ts';

export function existingMessage(messages: Messages, messageId: string): Message {
  const message = messages.find(messageId);
  if (!message) throw new LarkError(99992354, `these ids not existed: [${messageId}]`);
  return message;
}
