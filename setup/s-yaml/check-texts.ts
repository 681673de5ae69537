import { isReference } from '../../shared/secrets/references.ts';
import { type Finding, findingAt } from '../workflows/finding.ts';
import { ENV_FORM, isMap, VARS_FORM } from './fill-in.ts';

/** A variable of this name is a secret; in the file stands where it comes from: the shell, or KMS by its name there. */
const SECRET_NAME = /SECRET|TOKEN|PASSWORD|AES_KEY|ENCRYPT_KEY|PRIVATE_KEY|WEBHOOK/;
const FROM_SHELL = /^\$\{env\('[A-Z][A-Z0-9_]*', *'(not-set)?'\)\}$/;
/** An AccessKey id of Alibaba Cloud, and PEM. */
const SECRET_TEXT = /LTAI[A-Za-z0-9]{12,}|-----BEGIN [A-Z ]*PRIVATE KEY/;

/** What is wrong in the texts of the file before anything is filled in. Secrets are named, never shown. */
export function checkTexts(file: unknown, vars: readonly string[]): Finding[] {
  return textsOf(file, []).flatMap(({ path, text }) => [...checkForms(text, path, vars), ...checkSecrets(text, path)]);
}

function checkForms(text: string, path: PropertyKey[], vars: readonly string[]): Finding[] {
  const withoutDefault = [...text.matchAll(ENV_FORM)].flatMap(([, name, otherwise]) =>
    name !== undefined && otherwise === undefined ? [name] : [],
  );
  const unknown = [...text.matchAll(VARS_FORM)].flatMap(([, name = '']) => (vars.includes(name) ? [] : [name]));
  const rest = text.replace(ENV_FORM, '').replace(VARS_FORM, '');
  const other = /\$\{[^}]*\}?/.exec(rest)?.[0];
  return [
    ...withoutDefault.map((name) =>
      findingAt(
        'fault',
        path,
        `\${env('${name}')} has no default, without which even "s preview" fails; write \${env('${name}', 'not-set')}`,
      ),
    ),
    ...unknown.map((name) => ({
      ...findingAt('fault', path, `there is no ${name} in vars; there are ${vars.join(', ')}`),
      unknownKeys: [name],
      knownKeys: vars,
    })),
    ...(other === undefined
      ? []
      : [
          findingAt(
            'fault',
            path,
            `${other} is no form that the embedded cloud fills in too: \${env('NAME', 'default')} and \${vars.name}`,
          ),
        ]),
  ];
}

function checkSecrets(text: string, path: PropertyKey[]): Finding[] {
  const name = String(path.at(-1));
  const isElsewhere = FROM_SHELL.test(text) || isReference(text);
  const isNamedSecret = path.includes('environmentVariables') && SECRET_NAME.test(name) && !isElsewhere;
  if (!isNamedSecret && !SECRET_TEXT.test(text)) return [];
  return [
    findingAt(
      'fault',
      path,
      `a secret stands in the file; revoke it, and write \${env('${isNamedSecret ? name : 'NAME'}', 'not-set')}`,
    ),
  ];
}

function textsOf(value: unknown, path: PropertyKey[]): { path: PropertyKey[]; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsOf(item, [...path, index]));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, [...path, key]));
}
