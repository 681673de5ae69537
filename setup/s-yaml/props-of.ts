import type { FunctionName } from '../../shared/request/next-step.ts';
import type { SYaml } from './file-schema.ts';
import { fillIn, mergeTemplate, type Values } from './fill-in.ts';

/** The settings of a function, its template and the values of `variables` put in, as the tool would hand them on. */
export function propsOf({ vars, template, resources }: SYaml, name: FunctionName, variables: Values): unknown {
  const { extend, props } = resources[name];
  const filled = Object.fromEntries(
    Object.entries(vars).map(([key, value]) => [key, String(fillIn(value, { variables, vars: {} }))]),
  );
  return fillIn(mergeTemplate(extend && template[extend.name], props), { variables, vars: filled });
}
