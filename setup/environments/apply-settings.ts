import { type Document, parseDocument } from 'yaml';
import * as z from 'zod';
import { referenceTo } from '../../shared/secrets/references.ts';
import { secretNameOf } from '../secrets/secret-names.ts';
import type { EnvironmentSettings } from './env-file.ts';

const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const;

/**
 * The text of s.yaml with the settings of an environment put over it. What comes from the deploying shell stays open, so
 * that the text holds no secret.
 */
export function applySettings(sYaml: string, name: string, settings: EnvironmentSettings): string {
  const document = parseDocument(sYaml);
  document.setIn(['vars', 'environment'], name);
  document.setIn(['vars', 'region'], settings.region);
  for (const functionName of FUNCTION_NAMES)
    applyTo(document, ['resources', functionName, 'props'], settings, functionName);
  referToSecrets(document, name, settings.secrets.kms);
  return document.toString({ lineWidth: 0 });
}

function applyTo(
  document: Document.Parsed,
  props: readonly string[],
  settings: EnvironmentSettings,
  functionName: (typeof FUNCTION_NAMES)[number],
): void {
  const { cpu, memory, timeout, min_instances } = settings.functions[functionName];
  const set = (path: readonly (string | number)[], value: unknown) =>
    document.setIn([...props, ...path], document.createNode(value));
  set(['cpu'], cpu);
  set(['memorySize'], memory);
  set(['timeout'], timeout);
  set(['environmentVariables', 'LOG_LEVEL'], settings.log_level);
  // What else s.yaml says of asynchronous calls stays.
  set(['asyncInvokeConfig', 'maxAsyncRetryAttempts'], settings.async.retries);
  set(['asyncInvokeConfig', 'maxAsyncEventAgeInSeconds'], settings.async.max_age_seconds);
  if (settings.async.tasks) set(['asyncInvokeConfig', 'asyncTask'], true);
  const tags = Object.entries(settings.tags).map(([key, value]) => ({ key, value }));
  if (tags.length > 0) set(['tags'], tags);
  if (min_instances !== undefined) set(['scalingConfig'], { minInstances: min_instances });
  const index = sweepIndex(document.toJS(), functionName);
  if (index >= 0) set(['triggers', index, 'triggerConfig', 'cronExpression'], settings.sweep);
}

/** Where a function has a variable whose value is in KMS, the name of the secret takes the place of the value. */
function referToSecrets(document: Document.Parsed, environmentName: string, variables: readonly string[]): void {
  for (const functionName of FUNCTION_NAMES)
    for (const variable of variables) {
      const path = ['resources', functionName, 'props', 'environmentVariables', variable];
      if (document.hasIn(path)) document.setIn(path, referenceTo(secretNameOf(environmentName, variable)));
    }
}

const triggersSchema = z.object({
  resources: z.record(
    z.string(),
    z.object({ props: z.object({ triggers: z.array(z.object({ triggerType: z.string() })).default([]) }) }),
  ),
});

/** Where the timer stands among the function's triggers; the check of s.yaml complains if it is missing. */
function sweepIndex(file: unknown, functionName: string): number {
  const parsed = triggersSchema.safeParse(file);
  const triggers = parsed.success ? (parsed.data.resources[functionName]?.props.triggers ?? []) : [];
  return triggers.findIndex(({ triggerType }) => triggerType === 'timer');
}
