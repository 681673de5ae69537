import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpCall } from '../../../shared/http/call.ts';
import type { OutgoingMessage } from '../../../shared/message/outgoing-message.ts';
import { renderFinal } from '../../../shared/message/render-final.ts';
import { renderProgress } from '../../../shared/message/render-progress.ts';
import { createDingtalkMessenger } from '../../../shared/platforms/dingtalk/create-messenger.ts';
import { createLarkMessenger } from '../../../shared/platforms/lark/create-messenger.ts';
import type { Messenger } from '../../../shared/platforms/platform.ts';
import type { FinalEnd } from '../../../shared/request/end-of.ts';
import { type InstanceResult, RUN_ENDS } from '../../../shared/request/records.ts';
import { LANGUAGES, type Language } from '../../../shared/workflows/schema.ts';
import { instance, MESSAGE } from './sample.ts';

/**
 * Every message as each platform gets it, in both languages, in files that people can read. After a change that is meant:
 * `UPDATE_GOLDEN=1 npx jest tests/shared/message/golden`, and read the difference.
 */

const NASTY = '[点我](https://evil.example) @所有人 <at id=all></at> **粗** ![x](y) ```sh\n`rm` 🙂 \u202e反';
const ENDS: FinalEnd[] = [...RUN_ENDS, 'Observed', 'Refused', 'Withdrawn', 'Parked'];
const WITHOUT_RUN: FinalEnd[] = ['Observed', 'Refused', 'Withdrawn', 'Parked'];
const REFUSALS: Partial<Record<FinalEnd, { code: string; values: Record<string, string> }>> = {
  Refused: { code: 'value_not_allowed', values: { parameter: 'role', value: NASTY, accepted: 'devops, analyst' } },
  Withdrawn: { code: 'withdrawn_revoked', values: {} },
  Parked: { code: 'parked', values: { step: 'plan', error: 'ecs.timeout' } },
};

function instancesOf(end: FinalEnd): InstanceResult[] {
  if (WITHOUT_RUN.includes(end)) return [];
  const failed = instance({
    status: RUN_ENDS.find((status) => status === end && status !== 'PartialFailed') ?? 'Failed',
    exit_code: end === 'Success' ? 0 : 12,
    output_tail: `第一行 ${NASTY}\nuseradd: user 'e123' is in use\n`,
    output_omitted: 4096,
    facts: end === 'Success' ? { user: 'e123', uid: '1001' } : {},
  });
  return end === 'PartialFailed' ? [failed, instance({ instance_id: 'i-2' })] : [failed];
}

const OBSERVED = { command: 'approval-loop-dev-onboarding', instances: ['i-1', 'i-2'], offline: ['i-2'] };
const PAUSED = { kind: 'person', at: 0, by: `李四 ${NASTY}`, reason: NASTY } as const;
const base = { ...MESSAGE, requester: { id: 'u1', name: `张三 ${NASTY}` }, digest: '0123456789ab' };

function contents(messenger: Messenger, language: Language): Omit<OutgoingMessage, 'idempotencyKey' | 'mention'>[] {
  const options = { language, timeZone: 'Asia/Shanghai', escape: messenger.escape, maxBytes: 14_000 };
  const request = { ...base, link: messenger.approvalLink('a1') };
  return [
    renderProgress({ ...request, progress: { kind: 'accepted' } }, options),
    renderProgress({ ...request, progress: { kind: 'waiting', for: 'dingtalk.b2' } }, options),
    renderProgress({ ...request, progress: { kind: 'paused', pause: PAUSED } }, options),
    renderProgress(
      { ...request, progress: { kind: 'paused', pause: { kind: 'limit', at: 0, per_hour: 20 } } },
      options,
    ),
    renderProgress(
      { ...request, progress: { kind: 'running', instances: ['i-1', 'i-2'], ended: [instance()] } },
      options,
    ),
    ...ENDS.map((end) =>
      renderFinal(
        {
          ...request,
          end,
          instances: instancesOf(end),
          refusal: REFUSALS[end],
          ...(end === 'Observed' && { observed: OBSERVED }),
        },
        options,
      ),
    ),
    renderFinal(
      {
        ...request,
        end: 'Success',
        action: 'revoke',
        retry: { by: 'wangwu', reason: NASTY },
        missed: { chat: 'research', code: 'lark.232009' },
      },
      options,
    ),
  ];
}

const CHATS = {
  ops: {
    dingtalk: { robot: { access_token: 't', secret: 's' } },
    lark: { bot: { token: 't' } },
  },
};
const PLATFORMS = {
  dingtalk: { create: createDingtalkMessenger, answer: '{"errcode":0}' },
  lark: { create: createLarkMessenger, answer: '{"code":0}' },
} as const;

async function written(platform: keyof typeof PLATFORMS, language: Language): Promise<string> {
  const bodies: unknown[] = [];
  const { create, answer } = PLATFORMS[platform];
  const http = async ({ body }: HttpCall) => {
    bodies.push(JSON.parse(String(body)));
    return { status: 200, headers: {}, body: Buffer.from(answer) };
  };
  const clock = { now: () => Date.parse('2026-09-01T02:00:00Z'), sleep: async () => undefined };
  const variables = { DINGTALK_CORP_ID: 'dingcorp', LARK_APP_ID: 'cli_9f427eec54ae901b' };
  const messenger = create(variables, CHATS, { http, clock, randomBytes: () => Buffer.alloc(0) });
  for (const content of contents(messenger, language))
    await messenger.channel('ops')?.post({ ...content, mention: ['u1'], idempotencyKey: 'key' });
  return `${bodies.map((body) => readable(body)).join('\n\n---\n\n')}\n`;
}

/** The JSON with the line breaks of its texts as people see them. */
function readable(body: unknown): string {
  return JSON.stringify(body, null, 1).replaceAll('\\n', '\n');
}

describe.each(['dingtalk', 'lark'] as const)('%s', (platform) => {
  test.each(LANGUAGES)('in %s', async (language) => {
    const path = join(__dirname, 'golden', `${platform}.${language}.txt`);
    const text = await written(platform, language);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  test.each(LANGUAGES)('nothing foreign acts, in %s', async (language) => {
    const text = (await written(platform, language)).replaceAll('<at id=u1></at>', '').replaceAll('@u1', '');
    expect(text).not.toMatch(/<at|@所有人|\]\(https:\/\/evil|\*\*粗|!\[|```|\u202e|https:\/\/evil/);
  });
});
