import { createHmac } from 'node:crypto';
import { parseJson } from '../../json.ts';
import type { OutgoingMessage } from '../../message/outgoing-message.ts';
import type { Channel } from '../platform.ts';
import type { PlatformTools } from '../tools.ts';
import { cardOf } from './card.ts';
import { larkCode, larkError } from './client.ts';

/** A body takes 20 KB. */
const MAX_BYTES = 14_000;

export interface CustomBotConfig {
  token: string;
  /** Where the bot is protected by a signature. */
  secret?: string | undefined;
}

/**
 * A group's custom bot: no key for a repeated message, no id to change one by. Every answer is HTTP 200, so only `code` 0
 * counts as sent. https://open.larksuite.com/document/client-docs/bot-v3/use-custom-bots-in-a-group
 */
export function customBot(bot: CustomBotConfig, tools: PlatformTools & { endpoint: string }): Channel {
  return {
    maxBytes: MAX_BYTES,
    maxUpdates: 0,
    isLimited: false,
    post: async (message: OutgoingMessage) => {
      const answer = await tools.http({
        service: 'lark',
        method: 'POST',
        url: botUrl(bot, tools.endpoint),
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ ...signed(bot, tools), msg_type: 'interactive', card: cardOf(message) }),
      });
      const code = larkCode(parseJson(answer.body));
      if (code !== '0') throw larkError(code, answer.status);
      return '';
    },
  };
}

export function botUrl({ token }: CustomBotConfig, endpoint: string): string {
  return `${endpoint}/open-apis/bot/v2/hook/${encodeURIComponent(token)}`;
}

/** The key is timestamp and secret, the message is empty: the other way round than DingTalk's. */
export function signed(
  { secret }: CustomBotConfig,
  { clock }: Pick<PlatformTools, 'clock'>,
): { timestamp?: string; sign?: string } {
  if (secret === undefined) return {};
  const timestamp = String(Math.floor(clock.now() / 1000));
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64') };
}
