import * as z from 'zod';
import type { FunctionName } from '../../shared/request/next-step.ts';

/** The name in KMS of a variable's value: `approval-loop-prod/DINGTALK_APP_SECRET`. */
export function secretNameOf(environmentName: string, variable: string): string {
  return `approval-loop-${environmentName}/${variable}`;
}

/** Names of the secrets in KMS that each function reads. */
export type FunctionSecrets = Readonly<Record<FunctionName, readonly string[]>>;

/** Every value comes from the shell. */
export const NO_SECRETS: FunctionSecrets = { ingest: [], dispatch: [], notify: [] };

const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const;
const fileSchema = z.object({
  resources: z.record(
    z.string(),
    z.object({ props: z.object({ environmentVariables: z.record(z.string(), z.unknown()).default({}) }) }),
  ),
});

/** Which of these variables each function has in s.yaml (as parsed); one that none has is an error. */
export function functionSecrets(
  sYaml: unknown,
  variables: readonly string[],
  environmentName: string,
): FunctionSecrets {
  const { resources } = fileSchema.parse(sYaml);
  const givenTo = (name: FunctionName) => Object.keys(resources[name]?.props.environmentVariables ?? {});
  const all = new Set(FUNCTION_NAMES.flatMap(givenTo));
  const unknown = variables.filter((variable) => !all.has(variable));
  if (unknown.length > 0) throw new SecretNameError(unknown);
  const of = (name: FunctionName) =>
    givenTo(name)
      .filter((variable) => variables.includes(variable))
      .map((variable) => secretNameOf(environmentName, variable));
  return { ingest: of('ingest'), dispatch: of('dispatch'), notify: of('notify') };
}

/** env.yaml takes variables from KMS that no function has. */
export class SecretNameError extends Error {
  override readonly name = 'SecretNameError';

  constructor(unknown: readonly string[]) {
    super(`env.yaml takes ${unknown.join(', ')} from KMS, but no function in s.yaml has a variable of that name`);
  }
}
