import type { Fault, ServiceName } from '../../local/faults.ts';
import { COMPLETED, form, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
let employees = 1000;
beforeAll(async () => {
  loop = await startLoop();
});
afterEach(() => loop.cloud.faults.clear());
afterAll(() => loop.close());

const hang: Fault = { kind: 'hang' };
const cut: Fault = { kind: 'cut' };
const loseAnswer: Fault = { kind: 'lose_answer' };
const html: Fault = { kind: 'answer', status: 200, body: '<html><body>正在维护 🚧</body></html>' };
const badGateway: Fault = { kind: 'answer', status: 502, body: '<html><body>Bad Gateway</body></html>' };
const halfJson: Fault = { kind: 'answer', status: 200, body: '{"errcode":', contentType: 'application/json' };
const error = (status: number, code: string): Fault => ({ kind: 'error', status, code });

/** As each service throttles and breaks: not always by status. */
const CODES: Record<string, readonly Fault[]> = {
  oss: [error(503, 'ServiceUnavailable'), error(500, 'InternalError'), error(503, 'DownloadTrafficRateLimitExceeded')],
  ecs: [error(503, 'ServiceUnavailable'), error(500, 'InternalError'), error(400, 'Throttling.User')],
  'event-bridge': [error(503, 'ServiceUnavailable'), error(500, 'InternalError'), error(429, 'TooManyRequests')],
  dingtalk: [
    error(503, 'ServiceUnavailable'),
    error(500, 'unknownError'),
    error(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'),
  ],
  'old dingtalk': [error(200, '-1'), error(200, '90018'), error(200, '130101')],
};

test.each<[ServiceName, string, string]>([
  ['dingtalk', 'accessToken', 'dingtalk'],
  ['dingtalk', 'processInstances/get', 'dingtalk'],
  ['dingtalk', 'instanceIds/query', 'dingtalk'],
  ['dingtalk', 'user/get', 'old dingtalk'],
  ['dingtalk', 'robot/send', 'old dingtalk'],
  ['oss', 'PutObject', 'oss'],
  ['oss', 'GetObject', 'oss'],
  ['oss', 'ListObjects', 'oss'],
  ['oss', 'DeleteObject', 'oss'],
  ['event-bridge', 'PutEvents', 'event-bridge'],
  ['ecs', 'DescribeCommands', 'ecs'],
  ['ecs', 'InvokeCommand', 'ecs'],
  ['ecs', 'DescribeInvocations', 'ecs'],
])(
  '%s %s may fail in every way: each request still ends with one run and one message',
  async (service, operation, api) => {
    const faults = [...(CODES[api] ?? []), hang, cut, loseAnswer, html, badGateway, halfJson];
    const approvals = await Promise.all([1, 2, 3, 4].map(() => loop.submit(form(`E${++employees}`))));
    // DingTalk sends a callback three times: a marker that fails more often is not received at all.
    const early = operation === 'PutObject' ? faults.slice(0, 2) : faults;
    for (const fault of early) loop.cloud.faults.add({ service, operation, fault });
    await Promise.all(approvals.map((approval) => approval.decide()));
    await Promise.all(approvals.map(({ requestId }) => loop.logged('marker durable', { request_id: requestId })));
    for (const fault of faults.slice(early.length)) loop.cloud.faults.add({ service, operation, fault });
    const ended = await Promise.all(approvals.map((approval) => loop.closed(approval)));
    for (const { facts, runs, messages, left } of ended) {
      expect(facts.filter((fact) => fact !== 'dispatched')).toEqual(COMPLETED.filter((fact) => fact !== 'dispatched'));
      expect(runs).toMatchObject([{ status: 'Success', exitCode: 0 }]);
      expect(messages).toHaveLength(1);
      expect(left).toEqual([]);
    }
  },
);
