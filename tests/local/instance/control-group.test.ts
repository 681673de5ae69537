import { controlGroupParents } from '../../../local/instance/control-group.ts';

test.each([
  ['v1, at the top', '9:name=systemd:/\n8:pids:/\n0::/\n', false, ['/sys/fs/cgroup/pids']],
  [
    'v1, in a group',
    '8:pids:/user.slice\n4:memory:/x\n',
    false,
    ['/sys/fs/cgroup/pids/user.slice', '/sys/fs/cgroup/pids'],
  ],
  ['v1, controllers together', '3:cpu,pids:/a\n', false, ['/sys/fs/cgroup/pids/a', '/sys/fs/cgroup/pids']],
  ['v2', '0::/user.slice/user-0.slice\n', true, ['/sys/fs/cgroup/user.slice/user-0.slice', '/sys/fs/cgroup']],
  ['v2, in a container', '0::/\n', true, ['/sys/fs/cgroup']],
  ['nothing known', '', false, ['/sys/fs/cgroup/pids']],
])('a control group may be made below our own, else at the top: %s', (_, memberships, isV2, parents) => {
  expect(controlGroupParents(memberships, isV2)).toEqual(parents);
});
