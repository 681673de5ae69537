import type { PlatformName } from '../../../shared/ids.ts';
import type { NewApproval } from '../../../shared/platforms/desk.ts';
import type { Refusal } from '../../../shared/request/records.ts';
import { fieldOf } from '../../../shared/workflows/lookups.ts';
import { mapParameters } from '../../../shared/workflows/map-parameters.ts';
import type { Parameter, Workflow } from '../../../shared/workflows/schema.ts';

/**
 * The form as people would have filled it in, checked by the rule that the approval itself will be checked by: what
 * would be refused then is refused now.
 */
export function fillInForm(
  workflow: Workflow,
  platform: PlatformName,
  written: Readonly<Record<string, string>>,
): { fields: NewApproval['fields'] } | { refusal: Refusal } {
  const fields = Object.entries(workflow.parameters).flatMap(([name, parameter]) => {
    const field = fieldOf(parameter, platform);
    const value = shownValue(parameter, written[name] ?? '');
    return field === undefined || value === '' ? [] : [{ field, value }];
  });
  const form = fields.map(({ field, value }) => ({ names: [field], value }));
  const mapped = mapParameters(workflow, platform, form);
  return mapped.kind === 'refused' ? { refusal: mapped.refusal } : { fields };
}

/** A choice is shown by its option, whichever side of the list somebody writes. */
function shownValue({ one_of }: Parameter, value: string): string {
  if (one_of === undefined || Array.isArray(one_of) || Object.hasOwn(one_of, value)) return value;
  return Object.entries(one_of).find(([, meant]) => meant === value)?.[0] ?? value;
}
