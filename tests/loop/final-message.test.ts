import FcClient, * as fc from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { makeRoot, type OtherRoot } from './other-root.ts';
import { COMPLETED, form, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

/** The group has a card; where it cannot be reached, messages go to a custom robot. */
function withFallback(file: Workflows): object {
  const group = { conversation: 'cid-it-ops', card_template: 'living.schema' };
  const chats = { 'it-ops': { ...file.chats['it-ops'], dingtalk: { group } }, fallback: file.chats['it-ops'] };
  return { ...file, chats, default_chat: { dingtalk: 'fallback' }, operators: { dingtalk: ['wangwu'] } };
}

let other: OtherRoot;
let loop: Loop;
beforeAll(async () => {
  other = await makeRoot(withFallback);
  loop = await startLoop({ root: other.root });
});
afterEach(() => loop.cloud.faults.clear());
afterAll(async () => {
  await loop.close();
  await other.remove();
});

/** What the group sees of a request: the title of each of its messages, as it is now. */
const titles = (employee: string) =>
  loop.cloud.dingtalk.messages().flatMap(({ title, card }) => (title.includes(employee) && card ? [title] : []));

const lose = (operation: string) =>
  loop.cloud.faults.add({ service: 'dingtalk', operation, fault: { kind: 'lose_answer' } });

test.each([
  ['the card', 'E771', ['card/createAndDeliver'], 2],
  ['the card and its second delivery', 'E772', ['card/createAndDeliver', 'card/deliver'], 3],
  ['the card and its change', 'E773', ['card/createAndDeliver', 'card/update'], 2],
])(
  'the end is seen though the answers to %s are lost: one card, once more for each lost delivery at most',
  async (_what, employee, operations, atMost) => {
    for (const operation of operations) lose(operation);
    const { facts } = await loop.closed(await loop.approve(form(employee)));
    expect(facts).toEqual(COMPLETED);
    const seen = titles(employee);
    expect(new Set(seen)).toEqual(new Set([`✅ 新员工入职 · ${employee} 已完成`]));
    expect(seen.length).toBeLessThanOrEqual(atMost);
  },
);

test('without the credentials of the app the next chat hears the end, and the log raises an alarm', async () => {
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret } = loop.cloud.state;
  const endpoint = new URL(loop.cloud.endpoints.fc).host;
  const functions = new FcClient(
    new $OpenApiUtil.Config({ accessKeyId, accessKeySecret, endpoint, protocol: 'http', regionId: loop.cloud.region }),
  );
  const notify = 'approval-loop-dev-notify';
  const { body } = await functions.getFunction(notify, new fc.GetFunctionRequest({}));
  const environmentVariables = { ...body?.environmentVariables, DINGTALK_APP_SECRET: '' };
  await functions.updateFunction(
    notify,
    new fc.UpdateFunctionRequest({ body: new fc.UpdateFunctionInput({ environmentVariables }) }),
  );
  const { messages } = await loop.closed(await loop.approve(form('E779')));
  expect(messages.map(({ chat, text }) => [chat, text.split('\n').find((line) => line.includes('无法送达'))])).toEqual([
    ['fallback', '- 群 it-ops 无法送达（dingtalk.no_credentials），因此发到这里。'],
  ]);
  const { fields } = await loop.logged('credentials missing', { alarm: 'credentials_missing' });
  expect(fields).toMatchObject({
    platform: 'dingtalk',
    variables: 'DINGTALK_APP_SECRET',
    wanted_by: 'chats.it-ops.dingtalk.group, operators.dingtalk',
  });
});
