import { namesOf } from '../../shared/names.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { type Finding, findingAt } from '../workflows/finding.ts';
import type { FunctionVariables } from './function-variables.ts';
import type { Props } from './props-schema.ts';

const MAX_ENVIRONMENT_BYTES = 4 * 1024;

/** What only shows when settings are seen together. Paths begin at the props of the function. */
export function checkFunction(name: FunctionName, props: Props, variables: FunctionVariables): Finding[] {
  return [
    ...checkNames(name, props),
    ...checkRatio(props),
    ...checkSize(props.environmentVariables),
    ...checkVariables(name, props.environmentVariables, variables),
  ];
}

/** EventBridge's rules, which setup makes, and the code itself find a function by its name. */
function checkNames(name: FunctionName, { functionName, code, environmentVariables }: Props): Finding[] {
  const environment = environmentVariables['LOOP_ENVIRONMENT'];
  const wanted = environment === undefined ? functionName : namesOf(environment, '').function(name);
  return [
    ...(functionName === wanted
      ? []
      : [
          findingAt(
            'fault',
            ['functionName'],
            `"${functionName}" is not found by the rules of setup, which call "${wanted}"`,
          ),
        ]),
    ...checkCode(code, name, environment),
  ];
}

/** The bundle holds the workflows of its environment: a literal name in the path would ship them to every other one. */
function checkCode(code: string, name: FunctionName, environment: string | undefined): Finding[] {
  if (environment === undefined || code === `./dist/environments/${environment}/${name}`) return [];
  const what = `"${code}" is not of ${name} in ${environment}; it must be ./dist/environments/\${vars.environment}/${name}`;
  return [findingAt('fault', ['code'], what)];
}

/** vCPU to GB between 1:1 and 1:4, as the API documentation in `@alicloud/fc20230330` 4.7.6 has it. */
function checkRatio({ cpu, memorySize }: Props): Finding[] {
  const ratio = memorySize / 1024 / cpu;
  if (ratio >= 1 && ratio <= 4) return [];
  const range = `${Math.ceil((cpu * 1024) / 64) * 64} to ${Math.floor((cpu * 4096) / 64) * 64}`;
  const what = `${memorySize} MB do not fit ${cpu} vCPU, which go with 1 to 4 GB each: ${range} MB`;
  return [findingAt('fault', ['memorySize'], what)];
}

/** https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables */
function checkSize(variables: Props['environmentVariables']): Finding[] {
  const bytes = Object.entries(variables).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
  const what = `names and values have ${bytes} bytes, of which the platform takes ${MAX_ENVIRONMENT_BYTES}`;
  return [findingAt('fault', ['environmentVariables'], what)];
}

function checkVariables(
  name: FunctionName,
  variables: Props['environmentVariables'],
  { needed, known }: FunctionVariables,
): Finding[] {
  const missing = needed.filter((variable) => variables[variable] === undefined);
  const unknown = Object.keys(variables).filter((variable) => !known.includes(variable));
  return [
    ...missing.map((variable) =>
      findingAt('fault', ['environmentVariables'], `${name} needs ${variable}; add \${env('${variable}', 'not-set')}`),
    ),
    ...unknown.map((variable) => ({
      ...findingAt(
        'fault',
        ['environmentVariables'],
        `${name} does not read ${variable}; leave it out, so that it holds nothing that it does not need`,
      ),
      unknownKeys: [variable],
      knownKeys: known,
    })),
  ];
}
