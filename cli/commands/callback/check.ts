import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import * as z from 'zod';
import { type Clock, createSystemClock } from '../../../shared/clock.ts';
import { requestIdOf } from '../../../shared/ids.ts';
import { openCallback } from '../../../shared/platforms/dingtalk/open-callback.ts';
import type { CallbackOutcome } from '../../../shared/platforms/platform.ts';
import type { Io } from '../../io.ts';
import { answerLines } from '../../json-lines.ts';

const textsSchema = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));
const questionSchema = z.strictObject({
  platform: z.literal('dingtalk'),
  config: z.strictObject({ token: z.string(), aes_key: z.string(), owner_keys: z.array(z.string()) }),
  /** Milliseconds since the epoch, for the times in the reply. */
  now: z.number().optional(),
  method: z.string().default('POST'),
  query: textsSchema.default({}),
  headers: textsSchema.default({}),
  body: z.string().default(''),
});
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
"method":"POST", "query":{…}, "headers":{…}, "body":"…"}. The verdict:
  outcome  check     the platform tests the URL
           event     an approved request; "event" says which
           ignored   genuine, but nothing starts on it; "reason" says why
           rejected  not genuine or not readable; "reason" says why, the reply does not
  message  the decrypted text, whenever signature, decryption and owner key are right
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
  return verdictOf(openDingtalk(parsed.data), parsed.data);
}

function openDingtalk({ config, now, method, query, headers, body }: Question): CallbackOutcome {
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return openCallback(
    { method: method.toUpperCase(), query, headers: lowerCase, body: Buffer.from(body) },
    { token: config.token, aesKey: config.aes_key, ownerKeys: config.owner_keys },
    { clock: clockAt(now), randomBytes },
  );
}

function verdictOf(outcome: CallbackOutcome, { platform }: Question): object {
  const { kind, reply } = outcome;
  switch (kind) {
    case 'event': {
      const { instance_id, code } = outcome.hint;
      const event = { request_id: requestIdOf(platform, instance_id), platform, instance_id, code };
      return { outcome: kind, event, message: outcome.message, reply };
    }
    case 'check':
      return { outcome: kind, message: outcome.message, reply };
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
