import type * as z from 'zod/mini';
import { checkReferences } from './check-references.ts';
import { checkTemplates } from './check-templates.ts';
import { describeIssue } from './describe-issue.ts';
import { type Fault, WorkflowsError } from './fault.ts';
import { type FillOptions, fillIn } from './fill-in.ts';
import { type Workflows, workflowsSchema } from './schema.ts';

/**
 * Checks the parsed file and fills in `${NAME}` from `variables` in the parts that are `used`. Elsewhere placeholders
 * stay, which is also how the build checks a file whose secrets it must not know. Throws a WorkflowsError.
 */
export function loadWorkflows(file: unknown, options: FillOptions = { variables: {}, used: [] }): Workflows {
  const workflows = fillInWorkflows(file, options);
  const references = checkReferences(workflows);
  if (references.length > 0) throw new WorkflowsError(references);
  return workflows;
}

/** The same of a file that the build has checked: what the values of the environment can spoil. */
export function fillInWorkflows(file: unknown, options: FillOptions): Workflows {
  const filled = fillIn(file, options);
  if (filled.faults.length > 0) throw new WorkflowsError(filled.faults);
  const parsed = workflowsSchema.safeParse(filled.file);
  if (!parsed.success) throw new WorkflowsError(parsed.error.issues.map(toFault));
  const faults = checkTemplates(parsed.data);
  if (faults.length > 0) throw new WorkflowsError(faults);
  return parsed.data;
}

function toFault(issue: z.core.$ZodIssue): Fault {
  const fault = { path: issue.path, message: describeIssue(issue) };
  return issue.code === 'unrecognized_keys' ? { ...fault, unknownKeys: issue.keys } : fault;
}
