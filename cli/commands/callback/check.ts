import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import * as z from 'zod';
import { type Clock, createSystemClock } from '../../../shared/clock.ts';
import { requestIdOf, revokeIdOf } from '../../../shared/ids.ts';
import { openCallback as openDingtalk } from '../../../shared/platforms/dingtalk/open-callback.ts';
import { openCallback as openLark } from '../../../shared/platforms/lark/open-callback.ts';
import type { CallbackOutcome, CallbackRequest } from '../../../shared/platforms/platform.ts';
import type { Io } from '../../io.ts';
import { answerLines } from '../../json-lines.ts';

const textsSchema = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));
const requestShape = {
  /** Milliseconds since the epoch, for the times in the reply. */
  now: z.number().optional(),
  method: z.string().default('POST'),
  query: textsSchema.default({}),
  headers: textsSchema.default({}),
  body: z.string().default(''),
};
const questionSchema = z.discriminatedUnion('platform', [
  z.strictObject({
    platform: z.literal('dingtalk'),
    config: z.strictObject({ token: z.string(), aes_key: z.string(), owner_keys: z.array(z.string()) }),
    ...requestShape,
  }),
  z.strictObject({
    platform: z.literal('lark'),
    config: z.strictObject({ encrypt_key: z.string().default(''), verification_token: z.string().default('') }),
    ...requestShape,
  }),
]);
type Question = z.infer<typeof questionSchema>;

export function callbackCheckCommand(io: Io): Command {
  return new Command('check')
    .description(
      'Open callbacks with the code that runs in ingest: one callback per line of stdin, one verdict per line of stdout',
    )
    .addHelpText(
      'after',
      `
A line holds {"platform":"dingtalk", "config":{"token":…,"aes_key":…,"owner_keys":[…]}, "now":<ms, optional>,
"method":"POST", "query":{…}, "headers":{…}, "body":"…"}. For "platform":"lark" the config is {"encrypt_key":…,
"verification_token":…}, each optional. The verdict:
  outcome  check      the platform tests the URL
           challenge  the same; the reply repeats what the platform sent
           event      an approved request, or a revoked one (its request id ends in .revoke); "event" says which
           ignored    genuine, but nothing starts on it; "reason" says why
           rejected   not genuine or not readable; "reason" says why, the reply does not
  message  the decrypted text, whenever the callback is genuine
  reply    what ingest would answer

Example:
  $ npm run -s loop -- callback check < callback.json
`,
    )
    .action(() => answerLines(io, checkCallback));
}

function checkCallback(question: unknown): object {
  const parsed = questionSchema.safeParse(question);
  if (!parsed.success) return { error: z.prettifyError(parsed.error) };
  return verdictOf(open(parsed.data), parsed.data);
}

function open(question: Question): CallbackOutcome {
  const request = requestOf(question);
  if (question.platform === 'lark') {
    const { encrypt_key, verification_token } = question.config;
    return openLark(request, { encryptKey: encrypt_key, verificationToken: verification_token });
  }
  const { token, aes_key, owner_keys } = question.config;
  const tools = { clock: clockAt(question.now), randomBytes };
  return openDingtalk(request, { token, aesKey: aes_key, ownerKeys: owner_keys }, tools);
}

function requestOf({ method, query, headers, body }: Question): CallbackRequest {
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method: method.toUpperCase(), query, headers: lowerCase, body: Buffer.from(body) };
}

function verdictOf(outcome: CallbackOutcome, { platform }: Question): object {
  const { kind, reply } = outcome;
  switch (kind) {
    case 'event': {
      const { instance_id, code } = outcome.hint;
      const original = requestIdOf(platform, instance_id);
      const request_id = outcome.reversal ? revokeIdOf(original) : original;
      const event = { request_id, platform, instance_id, code };
      return { outcome: kind, event, message: outcome.message, reply };
    }
    case 'question':
      return { outcome: kind, question: outcome.question, message: outcome.message, reply };
    case 'check':
    case 'challenge':
      return { outcome: kind, message: outcome.message, reply };
    case 'press':
      return { outcome: kind, press: outcome.press, message: outcome.message, reply };
    case 'ignored':
      return { outcome: kind, message: outcome.message, reason: outcome.reason, reply };
    case 'rejected':
      return { outcome: kind, reason: outcome.reason, reply };
  }
}

function clockAt(now: number | undefined): Clock {
  const system = createSystemClock();
  return now === undefined ? system : { ...system, now: () => now };
}
