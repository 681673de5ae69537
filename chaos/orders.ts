import type { PlatformName } from '../shared/ids.ts';
import type { Draws } from './draws.ts';
import { CHAT_NAMES, type ChatName, GROUPS } from './every-way.ts';

/** What must come of an approval. */
export type Expected = 'run' | 'refusal' | 'nothing';

/** An approval as people submit and decide it. */
export interface Order {
  platform: PlatformName;
  workflow: 'onboarding' | 'resource-request';
  /** Where it begins: with the form, or with a message to the robot of a group. */
  from: 'form' | 'group';
  /** Where its messages belong: where it was asked for, or what was chosen in the form. */
  chat: ChatName;
  /** By parameter of the workflow. */
  values: Readonly<Record<string, string>>;
  /** Whom it is about. */
  employee: string;
  requester: string;
  approver: string;
  result: 'agree' | 'refuse';
  expected: Expected;
}

/** Shares of the whole. */
const SHARES = { plain: 68, repeated: 12, outside: 12, declined: 8 };
const SHARE_OF_ASKED = 0.5;
const OUTSIDE = ['300', 'E1', 'E12345678901', 'E123; reboot', '$(id)', "E123'", 'Ｅ１２３', '--revoke'] as const;

/** The approvals of a run: both workflows, some not allowed, some declined, some once more for the same person. */
export function planOrders(count: number, draws: Draws): Order[] {
  const orders: Order[] = [];
  for (let index = 0; index < count; index++) {
    const kind = draws.weighted('kind', SHARES) ?? 'plain';
    const earlier = orders.filter(({ expected }) => expected === 'run');
    const repeated = earlier[Math.floor(draws.next('earlier') * earlier.length)];
    orders.push(kind === 'repeated' && repeated ? repeated : newOrder(kind, index, draws));
  }
  return orders;
}

function newOrder(kind: keyof typeof SHARES, index: number, draws: Draws): Order {
  const workflow = draws.next('workflow') < 0.6 ? 'onboarding' : 'resource-request';
  const employee = kind === 'outside' ? draws.pick('outside', OUTSIDE) : `E${10_000 + index}`;
  const [requester, approver] = draws.pick('people', [
    ['zhangsan', 'lisi'],
    ['lisi', 'wangwu'],
    ['wangwu', 'lisi'],
  ]);
  const platform = draws.pick<PlatformName>('platform', ['dingtalk', 'lark']);
  // In the example file people ask for one workflow; what is not allowed gets no approval there.
  const canAsk = workflow === 'onboarding' && kind !== 'outside';
  const from = canAsk && draws.next('from') < SHARE_OF_ASKED ? 'group' : 'form';
  const chosen = draws.pick<ChatName>('chat', CHAT_NAMES);
  const form = workflow === 'onboarding' ? onboardingForm(employee, draws) : resourceForm(employee, draws);
  return {
    platform,
    from,
    chat: from === 'group' ? draws.pick<ChatName>('group', GROUPS) : chosen,
    workflow,
    values: { ...form, chat: chosen },
    employee,
    requester,
    approver,
    result: kind === 'declined' ? 'refuse' : 'agree',
    expected: kind === 'declined' ? 'nothing' : kind === 'outside' ? 'refusal' : 'run',
  };
}

function onboardingForm(employee: string, draws: Draws) {
  return {
    emp_id: employee,
    role: draws.pick('role', ['devops', 'developer', 'analyst']),
  };
}

function resourceForm(employee: string, draws: Draws) {
  return {
    owner: employee,
    server: draws.pick('server', ['共享服务器', '构建服务器']),
    size: '小（1 GB）',
    expires: draws.pick('expires', ['2026-12-31', '项目结束 🎉', `it's "done"; $(date)`]),
  };
}
