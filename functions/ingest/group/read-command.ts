import { foldWord, QUESTION_WORDS } from '../../../shared/workflows/lookups.ts';
import type { Workflow } from '../../../shared/workflows/schema.ts';

/** A workflow that may be asked for in this group. */
export interface Offer {
  name: string;
  workflow: Workflow;
}

/** What somebody wants of the robot. */
export type Command =
  | { kind: 'help' }
  /** About one request, or without an id about those of this group. */
  | { kind: 'status' | 'why'; id?: string }
  | { kind: 'start'; offer: Offer; written: Readonly<Record<string, string>> }
  | { kind: 'mistake'; code: Mistake; values: Readonly<Record<string, string>> };
export type Mistake = 'unknown_word' | 'unknown_parameter' | 'twice' | 'too_much';

/** Values are quoted where they hold blanks; the quotes that input methods make count too. */
const TOKEN = /"([^"]*)"|“([^”]*)”|((?:[^\s"“=＝:：]+[=＝:：])?(?:"[^"]*"|“[^”]*”|[^\s"“]+))/gu;
const ASSIGNMENT = /^([^=＝:：]+)([=＝:：])(.*)$/su;
const QUOTED = /^(?:"(.*)"|“(.*)”)$/su;

/**
 * Reads `onboard emp_id=E123 role=devops`, `onboard E123 devops`, `help`, `status <id>`. Words and names of parameters
 * are told apart without case; values are taken as they are written.
 */
export function readCommand(text: string, offers: readonly Offer[]): Command {
  const [word = '', ...rest] = [...text.matchAll(TOKEN)].map(([token]) => token);
  const folded = foldWord(word);
  const is = (kind: keyof typeof QUESTION_WORDS) => QUESTION_WORDS[kind].some((known) => known === folded);
  if (folded === '' || is('help')) return { kind: 'help' };
  for (const kind of ['status', 'why'] as const) {
    if (is(kind)) return { kind, ...(rest[0] === undefined ? {} : { id: rest[0] }) };
  }
  const offer = offers.find(({ workflow }) => workflow.words?.some((known) => foldWord(known) === folded));
  if (!offer) return { kind: 'mistake', code: 'unknown_word', values: { word } };
  return readValues(offer, rest);
}

function readValues(offer: Offer, tokens: readonly string[]): Command {
  const written: Record<string, string> = {};
  const { parameters } = offer.workflow;
  for (const token of tokens) {
    const said = readToken(token, parameters);
    if (said.parameter === undefined && said.name !== undefined) {
      const accepted = Object.keys(parameters).join(', ');
      return { kind: 'mistake', code: 'unknown_parameter', values: { name: said.name, accepted } };
    }
    // Without a name a value is for the first parameter that has none yet.
    const parameter = said.parameter ?? Object.keys(parameters).find((name) => !Object.hasOwn(written, name));
    if (parameter === undefined) return { kind: 'mistake', code: 'too_much', values: { value: said.value } };
    if (Object.hasOwn(written, parameter)) return { kind: 'mistake', code: 'twice', values: { parameter } };
    written[parameter] = said.value;
  }
  return { kind: 'start', offer, written };
}

/** A value, for which parameter if it says so; a colon stands in values too, so that it counts behind a known name only. */
function readToken(
  token: string,
  parameters: Workflow['parameters'],
): { parameter?: string | undefined; name?: string; value: string } {
  const [, name = '', sign = '', value = ''] = ASSIGNMENT.exec(token) ?? [];
  const parameter = name === '' ? undefined : findParameter(name, parameters);
  if (parameter === undefined && !/[=＝]/u.test(sign)) return { value: unquote(token) };
  return { parameter, name, value: unquote(value) };
}

function findParameter(name: string, parameters: Workflow['parameters']): string | undefined {
  const wanted = foldWord(name);
  const isNamed = ([own, { aliases = [] }]: [string, Workflow['parameters'][string]]) =>
    [own, ...aliases].some((known) => foldWord(known) === wanted);
  return Object.entries(parameters).find(isNamed)?.[0];
}

function unquote(text: string): string {
  const [, straight, curly] = QUOTED.exec(text) ?? [];
  return straight ?? curly ?? text;
}
