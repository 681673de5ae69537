import { randomBytes } from 'node:crypto';
import type { HttpRequest } from '../../../../local/http/server.ts';
import { callHttp } from '../../../../shared/http/call.ts';
import { createLarkSource } from '../../../../shared/platforms/lark/create-source.ts';
import type { ApprovalSource, CallbackOutcome } from '../../../../shared/platforms/platform.ts';
import { APPROVAL_CODE, ORGANISATION, START } from '../../../local/lark/start-lark.ts';
import { ENCRYPT_KEY, type Subscribed, startSubscribed, TOKEN, until } from '../../../local/lark/subscribe-receiver.ts';

/** The source against a whole Lark: what people do there, and what arrives here. */
let running: Subscribed;
let source: ApprovalSource;
beforeEach(async () => {
  running = await startSubscribed();
  const variables = {
    LARK_APP_ID: ORGANISATION.app.app_id,
    LARK_APP_SECRET: ORGANISATION.app.app_secret,
    LARK_VERIFICATION_TOKEN: TOKEN,
    LARK_ENCRYPT_KEY: ENCRYPT_KEY,
    LARK_ENDPOINT: running.service.origin,
  };
  const clock = { now: () => START + 60_000, sleep: async () => undefined };
  source = createLarkSource(variables, { http: callHttp, clock, randomBytes });
});
afterEach(() => running.close());

function openRequest({ method, query, headers, body }: HttpRequest): CallbackOutcome {
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  const request = { method, query: Object.fromEntries(query), headers: Object.fromEntries(single), body };
  expect(source.recognises(request)).toBe(true);
  return source.openCallback(request);
}
const opened = () => running.receiver.requests.map(openRequest);
const arrived = (kind: string, count: number) =>
  until(() => (opened().filter((outcome) => outcome.kind === kind).length >= count ? opened() : undefined));

test('an approval and its revocation arrive as an event each, and are read as what they are', async () => {
  const { lark, createInstance } = running.service;
  const instance_id = await createInstance();
  const hint = { instance_id, code: APPROVAL_CODE };
  expect(await source.readApproval(hint)).toMatchObject({ approval: { state: 'pending', approvers: [] } });
  expect(await source.listDecided(APPROVAL_CODE, START - 1)).toEqual([]);

  lark.decide(instance_id, { userId: 'u2', approved: true });
  const [event] = (await arrived('event', 1)).filter(({ kind }) => kind === 'event');
  expect(event).toMatchObject({ hint });
  expect(event).not.toHaveProperty('reversal');
  expect(await source.readApproval(hint)).toMatchObject({
    approval: {
      state: 'approved',
      kind: 'original',
      requester: { id: 'ou_1', name: '张三' },
      approvers: [{ id: 'ou_2', name: '李四', at: new Date(START).toISOString() }],
      fields: [{ names: ['emp_id', 'widget1', '工号'], value: 'E123' }],
    },
  });
  expect(await source.listDecided(APPROVAL_CODE, START - 1)).toEqual([instance_id]);

  lark.revert(instance_id);
  const [, reversal] = (await arrived('event', 2)).filter(({ kind }) => kind === 'event');
  expect(reversal).toMatchObject({ hint, reversal: true });
  expect(await source.readApproval(hint)).toMatchObject({ approval: { state: 'revoked', kind: 'original' } });
  expect(await source.listDecided(APPROVAL_CODE, START - 1)).toEqual([]);
  expect(opened().filter(({ kind }) => kind === 'rejected')).toEqual([]);
});

test('what is refused or withdrawn is ignored, and nothing that arrives is rejected', async () => {
  const { lark, createInstance } = running.service;
  const [rejected, withdrawn] = [await createInstance(), await createInstance()];
  lark.decide(rejected, { userId: 'u2', approved: false });
  lark.cancel(withdrawn);
  await until(() =>
    ['REJECTED', 'CANCELED'].every((status) => running.receiver.statuses().includes(status)) ? true : undefined,
  );
  const kinds = new Set(opened().map(({ kind }) => kind));
  expect([...kinds]).toEqual(['ignored']);
  for (const instance_id of [rejected, withdrawn])
    expect(await source.readApproval({ instance_id, code: APPROVAL_CODE })).toMatchObject({
      approval: { state: 'not approved', approvers: [] },
    });
});
