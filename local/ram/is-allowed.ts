import type { Policy, Statement } from '../../setup/roles/policy.ts';

/** One action on one resource: RAM checks a call on several resources for each of them. */
export interface Permission {
  /** `oss:GetObject` */
  action: string;
  /** `acs:oss:*:<account>:<bucket>/<key>` */
  resource: string;
  /** The tags of the resource; conditions ask for them. */
  tags?: Readonly<Record<string, string>>;
}

/**
 * Whether a policy allows it. What no statement allows is denied:
 * https://www.alibabacloud.com/help/en/ram/user-guide/policy-evaluation-process
 */
export function isAllowed(policy: Policy, permission: Permission): boolean {
  return findStatement(policy, permission) !== undefined;
}

/** The statement that allows it. */
export function findStatement(
  { Statement }: Policy,
  { action, resource, tags = {} }: Permission,
): Statement | undefined {
  return Statement.find(
    (statement) =>
      statement.Action.some((pattern) => matches(pattern, action)) &&
      statement.Resource.some((pattern) => matches(pattern, resource)) &&
      holds(statement.Condition, tags),
  );
}

/** `*` stands for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Every key must hold; a key that is not emulated holds for nothing. */
function holds(condition: Statement['Condition'], tags: Readonly<Record<string, string>>): boolean {
  return Object.entries(condition?.StringEquals ?? {}).every(([key, values]) => {
    const tag = /^acs:ResourceTag\/(.+)$/.exec(key)?.[1];
    const value = tag === undefined ? undefined : tags[tag];
    return value !== undefined && values.includes(value);
  });
}
