import type { PressKind, ProvisionRequest } from '../../shared/events.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** Whether this person may press this button of the request's message: by a role of theirs, or by name. */
export function mayPress(
  { workflows, operators }: Pick<Workflows, 'workflows' | 'operators'>,
  {
    workflow,
    platform,
    requester,
    approvers,
  }: Pick<ProvisionRequest, 'workflow' | 'platform' | 'requester' | 'approvers'>,
  what: PressKind,
  person: string,
): boolean {
  const allowed = workflows[workflow]?.buttons?.[what] ?? [];
  const ids: Record<string, readonly string[]> = {
    operators: operators?.[platform] ?? [],
    requester: [requester.id],
    approvers: approvers.map(({ id }) => id),
  };
  return allowed.flatMap((name) => (Object.hasOwn(ids, name) ? (ids[name] ?? []) : [name])).includes(person);
}
