/**
 * Where a control group for an instance may be made, best first: below the one this process is in, so that its own
 * limits go on to hold, else at the top. With cgroup v1 only `pids` is used; with v2 `pids` and `memory` are in one.
 *
 * @param memberships content of `/proc/self/cgroup`
 * @param isV2 whether `/sys/fs/cgroup` itself is cgroup v2 (it then has `cgroup.controllers`)
 */
export function controlGroupParents(memberships: string, isV2: boolean): string[] {
  const root = isV2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids';
  const own = memberships
    .split('\n')
    .map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
    .find((match) => (isV2 ? match?.[1] === '' : match?.[1]?.split(',').includes('pids')))?.[2];
  return own === undefined || own === '/' ? [root] : [root + own, root];
}
