import { createHash } from 'node:crypto';
import type { Order } from './orders.ts';

/** An approval that people submitted and decided. */
export interface Submitted {
  requestId: string;
  order: Order;
}

const ROLES: Readonly<Record<string, readonly string[]>> = {
  devops: ['developers', 'devops'],
  developer: ['developers'],
  analyst: ['analysts'],
};
const SIZES: Readonly<Record<string, string>> = { '小（1 GB）': '1G' };

/** The account of the employee, or the workspace that carries the hash of the request's name. */
export function productOf({ requestId, order: { workflow, employee } }: Submitted): string {
  const account = employee.toLowerCase();
  if (workflow === 'onboarding') return account;
  return `${account}-${createHash('sha256').update(requestId).digest('hex').slice(0, 8)}`;
}

/** `account group` for each group that the role of a new hire means; a workspace has none. */
export function membershipsOf({ order: { workflow, employee, values } }: Submitted): string[] {
  if (workflow !== 'onboarding') return [];
  return (ROLES[values['role'] ?? ''] ?? []).map((group) => `${employee.toLowerCase()} ${group}`);
}

/** The values that a run must be given: those that people approved, as workflows.yaml means them, and nothing else. */
export function parametersOf({ requestId, order: { workflow, values } }: Submitted): Record<string, string> {
  const { emp_id = '', role = '', owner = '', size = '', expires = '' } = values;
  // The group that was chosen is none of the script's business.
  if (workflow === 'onboarding') return { emp_id, role, request_id: requestId };
  const free = Buffer.from(expires).toString('base64');
  return { owner, size: SIZES[size] ?? '', expires: free, request_id: requestId };
}
