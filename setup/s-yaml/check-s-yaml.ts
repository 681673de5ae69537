import type { FunctionName } from '../../shared/request/next-step.ts';
import { type Finding, findingAt } from '../workflows/finding.ts';
import { checkFunction } from './check-function.ts';
import { checkShape } from './check-shape.ts';
import { checkTexts } from './check-texts.ts';
import { checkTriggers } from './check-triggers.ts';
import { fileSchema, type SYaml } from './file-schema.ts';
import { isMap, type Values } from './fill-in.ts';
import { functionVariables } from './function-variables.ts';
import { propsOf } from './props-of.ts';
import { propsSchema } from './props-schema.ts';

/** All as parsed; `variables` are those of the deploying shell. */
export interface SYamlInput {
  file: unknown;
  /** Those of the environment that the shell names. */
  workflows: unknown;
  /** Those of every environment, default that alone: s.yaml gives functions what any of them reads. */
  all?: readonly unknown[];
  variables: Values;
}

/** What the tool and its schema let pass, found before a deploy: each thing at its own place in the file. */
export function checkSYaml({ file, workflows, all = [workflows], variables }: SYamlInput): Finding[] {
  if (isMap(file) && 'extend' in file) {
    return [
      findingAt('fault', ['extend'], 'a file that extends another is not checked; check the one that it extends'),
    ];
  }
  const shape = checkShape(fileSchema, file, []);
  const parsed = fileSchema.safeParse(file).data;
  if (!parsed) return shape;
  const findings = (['ingest', 'dispatch', 'notify'] as const).flatMap((name) =>
    checkResource(parsed, name, { workflows, all, variables }),
  );
  return unique([...checkTexts(file, Object.keys(parsed.vars)), ...checkTemplates(parsed), ...findings]);
}

function checkTemplates({ template, resources }: SYaml): Finding[] {
  const used = Object.values(resources).flatMap(({ extend }) => extend?.name ?? []);
  return Object.keys(template)
    .filter((name) => !used.includes(name))
    .map((name) => findingAt('fault', ['template', name], 'no function extends it; leave it out'));
}

function checkResource(file: SYaml, name: FunctionName, input: Omit<Required<SYamlInput>, 'file'>): Finding[] {
  const { extend, props: own } = file.resources[name];
  const at = ['resources', name, 'props'];
  const template = extend && file.template[extend.name];
  if (extend && !template) {
    const what = `there is no template ${extend.name}; there are ${Object.keys(file.template).join(', ') || 'none'}`;
    return [findingAt('fault', ['resources', name, 'extend', 'name'], what)];
  }
  const props = propsOf(file, name, input.variables);
  // What is missing is missing where the block around it stands.
  const place = (path: readonly PropertyKey[]): PropertyKey[] => {
    if (extend && !has(own, path) && has(template, path)) return ['template', extend.name, ...path];
    const last = path.at(-1);
    return path.length > 1 && last !== undefined ? [...place(path.slice(0, -1)), last] : [...at, ...path];
  };
  return findingsOf(name, props, input).map((finding) => moved(finding, place));
}

function findingsOf(
  name: FunctionName,
  props: unknown,
  { workflows, all }: Pick<Required<SYamlInput>, 'workflows' | 'all'>,
): Finding[] {
  const triggers = isMap(props) && Array.isArray(props['triggers']) ? checkTriggers(name, props['triggers']) : [];
  const parsed = propsSchema.safeParse(props);
  if (!parsed.success) return [...checkShape(propsSchema, props, []), ...triggers];
  const given = Object.keys(parsed.data.environmentVariables);
  const { needed } = functionVariables(name, workflows, given);
  const known = all.flatMap((each) => functionVariables(name, each, given).known);
  return [...checkFunction(name, parsed.data, { needed, known: [...new Set(known)] }), ...triggers];
}

/** The finding at its place in the file, where a setting may come from the template. */
function moved(finding: Finding, place: (path: readonly PropertyKey[]) => PropertyKey[]): Finding {
  const [key] = finding.unknownKeys ?? [];
  const path = key === undefined ? place(finding.path) : place([...finding.path, key]).slice(0, -1);
  const what = finding.message.slice(`${finding.path.map(String).join('.')}: `.length);
  return { ...finding, ...findingAt(finding.severity, path, what) };
}

function has(value: unknown, path: readonly PropertyKey[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  if (Array.isArray(value)) return has(value[Number(first)], rest);
  return isMap(value) && Object.hasOwn(value, first) && has(value[String(first)], rest);
}

/** A fault of a template shows in each function that extends it. */
function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ message }) => !seen.has(message) && seen.add(message));
}
