import type { Fault } from '../../local/faults.ts';
import { COMPLETED, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
let employees = 1100;
beforeAll(async () => {
  loop = await startLoop();
});
afterEach(() => loop.cloud.faults.clear());
afterAll(() => loop.close());

const error = (status: number, code: string): Fault => ({ kind: 'error', status, code });

/** As Lark throttles and breaks, mostly by a code under whichever status, and what stands in between breaks. */
const FAULTS: readonly Fault[] = [
  error(429, '99991400'),
  error(400, '230020'),
  error(400, '99991403'),
  error(500, '1395001'),
  { kind: 'hang' },
  { kind: 'cut' },
  { kind: 'lose_answer' },
  { kind: 'answer', status: 200, body: '<html><body>正在维护 🚧</body></html>' },
  { kind: 'answer', status: 502, body: '<html><body>Bad Gateway</body></html>' },
  { kind: 'answer', status: 200, body: '{"code":', contentType: 'application/json' },
];

test.each([
  'tenant_access_token/internal',
  'instances/get',
  'instances/query',
  'users/get',
  'messages/create',
  'messages/patch',
])(
  'lark %s may fail in every way: each request still ends with one run and one card that says so',
  async (operation) => {
    const approvals = await Promise.all(
      [1, 2, 3, 4].map(() => loop.submitInLark({ emp_id: `E${++employees}`, role: 'devops' })),
    );
    for (const fault of FAULTS) loop.cloud.faults.add({ service: 'lark', operation, fault });
    for (const { instanceId } of approvals) loop.cloud.lark.decide(instanceId, { userId: 'lisi', approved: true });
    const ended = await Promise.all(approvals.map((approval) => loop.closed(approval)));
    for (const { facts, runs, shown, left } of ended) {
      expect(facts.filter((fact) => fact !== 'dispatched' && fact !== 'confirmed')).toEqual(
        COMPLETED.filter((fact) => fact !== 'dispatched'),
      );
      expect(runs).toMatchObject([{ status: 'Success', exitCode: 0 }]);
      expect(shown.map(({ platform, title }) => [platform, title.slice(0, 1)])).toEqual([['lark', '✅']]);
      expect(left).toEqual([]);
    }
  },
);
