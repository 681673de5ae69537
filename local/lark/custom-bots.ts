import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { equalSecrets } from '../signatures/equal-secrets.ts';
import { LarkError } from './api-error.ts';
import type { Messages } from './messages.ts';
import type { CustomBot, Organisation } from './organisation.ts';
import type { RateLimits } from './rate-limits.ts';

const MAX_BODY_BYTES = 20 * 1024;
const CLOCK_TOLERANCE_MS = 3_600_000;
const LIMIT = { perMinute: 100, perSecond: 5 };

const BodySchema = z.object({
  timestamp: z.union([z.string(), z.number()]).transform(String).optional(),
  sign: z.string().optional(),
  msg_type: z.string().optional(),
  content: z.record(z.string(), z.unknown()).optional(),
  card: z.record(z.string(), z.unknown()).optional(),
});
type Body = z.infer<typeof BodySchema>;

const TextContent = z.object({ text: z.string().min(1) });
const PostContent = z.object({ post: z.record(z.string(), z.unknown()) });

/** Errors come with HTTP 200 as well. */
const refuse = (code: number, msg: string) => new LarkError(code, msg, { status: 200 });

export interface CustomBots {
  /** Shows what a webhook got; throws what forbids it. */
  post(token: string, body: Buffer): void;
}

/** https://open.feishu.cn/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN */
export function createCustomBots(tools: {
  clock: Clock;
  organisation: Organisation;
  limits: RateLimits;
  messages: Messages;
}): CustomBots {
  const { clock, organisation, limits, messages } = tools;
  return {
    post(token, bytes) {
      const bot = organisation.customBots.find((known) => equalSecrets(known.token, token));
      if (!bot) throw refuse(19001, 'param invalid: incoming webhook access token invalid');
      if (bytes.length > MAX_BODY_BYTES) throw refuse(19036, 'request body is too large');
      const body = parseBody(bytes);
      checkSign(bot, body, clock.now());
      const content = contentOf(body);
      if (bot.keywords && !bot.keywords.some((keyword) => content.includes(keyword))) {
        throw refuse(19024, 'Key Words Not Found');
      }
      const tooFast = refuse(11232, 'frequency limited');
      if (limits.take(`bot ${bot.token}`, LIMIT) > 0) throw tooFast;
      const sender = createHash('sha256').update(bot.token).digest('hex').slice(0, 12);
      const chat = organisation.chats.find(({ chat_id }) => chat_id === bot.chat_id)?.name ?? bot.chat_id;
      messages.post({ chat, chat_id: bot.chat_id, sender, msg_type: body.msg_type ?? '', content }, tooFast);
    },
  };
}

function parseBody(bytes: Buffer): Body {
  try {
    return BodySchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw refuse(9499, 'Bad Request');
  }
}

/** The secret is part of the key and the message is empty; the time is in seconds. */
function checkSign({ secret }: CustomBot, { timestamp = '', sign = '' }: Body, now: number): void {
  if (secret === undefined) return;
  const age = /^\d{10}$/.test(timestamp) ? Math.abs(now - Number(timestamp) * 1000) : Number.POSITIVE_INFINITY;
  const expected = createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
  if (age <= CLOCK_TOLERANCE_MS && equalSecrets(sign, expected)) return;
  throw refuse(19021, 'sign match fail or timestamp is not within one hour from current time');
}

function contentOf({ msg_type, content, card }: Body): string {
  if (!msg_type) throw refuse(19002, 'params error, msg_type need');
  const shown = {
    text: TextContent.safeParse(content).data,
    post: PostContent.safeParse(content).data,
    interactive: card,
  };
  const known = (['text', 'post', 'interactive'] as const).find((type) => type === msg_type);
  if (!known || !shown[known]) throw refuse(19002, 'params error, content is invalid');
  return JSON.stringify(shown[known]);
}
