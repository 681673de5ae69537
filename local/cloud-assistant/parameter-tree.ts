/** What flattened parameters describe: texts, lists and records of them. */
export type ParameterTree = string | ParameterTree[] | { [name: string]: ParameterTree };

interface Leaf {
  path: string[];
  value: string;
}

/**
 * Undoes the flattening of RPC style calls: `InstanceId.1`, `Tag.1.Key` become lists (in the order of their numbers,
 * gaps closed) and records. Where a name is given twice the last value counts.
 */
export function parameterTree(parameters: Iterable<readonly [string, string]>): Record<string, ParameterTree> {
  return record([...parameters].map(([name, value]) => ({ path: name.split('.', 4), value })));
}

function record(leaves: Leaf[]): Record<string, ParameterTree> {
  const groups = new Map<string, Leaf[]>();
  for (const { path, value } of leaves) {
    const [name = '', ...rest] = path;
    groups.set(name, [...(groups.get(name) ?? []), { path: rest, value }]);
  }
  return Object.fromEntries([...groups].map(([name, group]) => [name, branch(group)]));
}

function branch(group: Leaf[]): ParameterTree {
  const whole = group.findLast(({ path }) => path.length === 0);
  if (whole) return whole.value;
  const children = Object.entries(record(group));
  if (!children.every(([name]) => /^[1-9]\d{0,3}$/.test(name))) return Object.fromEntries(children);
  return children.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}
