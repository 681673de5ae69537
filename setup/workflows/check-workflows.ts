import { type Fault, WorkflowsError } from '../../shared/workflows/fault.ts';
import type { Variables } from '../../shared/workflows/fill-in.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { checkCredentials } from './check-credentials.ts';
import { checkParameters } from './check-parameters.ts';
import { checkRuns, type ScriptTexts } from './check-runs.ts';
import { checkStarts, checkTemplates } from './check-templates.ts';
import type { Finding } from './finding.ts';
import { knownKeys } from './known-keys.ts';

export interface CheckedWorkflows {
  findings: Finding[];
  /** Where the file could be read at all. */
  workflows?: Workflows;
}

/** All that can be said about a parsed workflows.yaml before it is deployed; `variables` are those of the deploying shell. */
export function checkWorkflows(file: unknown, scripts: ScriptTexts, variables: Variables): CheckedWorkflows {
  const loaded = tryLoad(file);
  if ('faults' in loaded) return { findings: loaded.faults.map(toFinding) };
  const { workflows } = loaded;
  const findings = [
    ...checkParameters(workflows),
    ...checkRuns(workflows, scripts, variables),
    ...checkStarts(workflows),
    ...checkTemplates(workflows),
    ...checkCredentials(workflows, variables),
  ];
  return { workflows, findings };
}

function tryLoad(file: unknown): { workflows: Workflows } | { faults: readonly Fault[] } {
  try {
    return { workflows: loadWorkflows(file) };
  } catch (error) {
    if (error instanceof WorkflowsError) return { faults: error.faults };
    throw error;
  }
}

function toFinding(fault: Fault): Finding {
  return {
    severity: 'fault',
    ...fault,
    ...(fault.unknownKeys ? { knownKeys: knownKeys(fault.path) } : {}),
  };
}
