import { parseJsonPath } from './json-path.ts';
import { parseVariables, type RuleTarget } from './rule-target.ts';

/**
 * What a target receives: its parameter `Body` applied to the event. ORIGINAL, or no such parameter, is the event
 * itself. The other forms make a text; one that is JSON is handed on as the value, any other as the text.
 */
export function transformBody(target: RuleTarget, event: object): unknown {
  const body = target.ParamList.find(({ ResourceKey }) => ResourceKey === 'Body');
  switch (body?.Form) {
    case undefined:
    case 'ORIGINAL':
      return event;
    case 'CONSTANT':
      return jsonOrText(body.Value ?? '');
    case 'JSONPATH':
      return jsonOrText(textOf(parseJsonPath(body.Value ?? '')?.(event) ?? null));
    case 'TEMPLATE':
      return jsonOrText(fillTemplate(body.Template ?? '', body.Value ?? '{}', event));
  }
}

/** Documented: `${name}` as it is, `${jsonEscape(name)}`, `${htmlEscape(name)}`. */
const PLACEHOLDER = /\$\{(?:(jsonEscape|htmlEscape)\(([^(){}$]*)\)|([^(){}$]*))\}/g;

/**
 * Substitutes in the text; what comes in is not looked at again. A variable whose path leads nowhere is empty, one whose
 * path leads to null is `null`; a name that is no variable stays as it stands.
 */
function fillTemplate(template: string, variablesText: string, event: object): string {
  const variables = new Map(Object.entries(parseVariables(variablesText) ?? {}));
  return template.replace(PLACEHOLDER, (placeholder, escapeName?: string, inner?: string, plain?: string) => {
    const variable = variables.get(inner ?? plain ?? '');
    if (variable === undefined) return placeholder;
    const value = variableText(variable, event);
    if (escapeName === 'jsonEscape') return JSON.stringify(value).slice(1, -1);
    return escapeName === 'htmlEscape' ? escapeHtml(value) : value;
  });
}

function variableText(variable: string | number | boolean, event: object): string {
  const path = typeof variable === 'string' ? parseJsonPath(variable) : undefined;
  return textOf(path ? path(event) : variable);
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const HTML_ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML_ENTITIES.get(character) ?? character);
}
