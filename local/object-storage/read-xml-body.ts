import { childText, parseXml, type XmlElement } from '../../shared/journal/parse-xml.ts';
import { OssError } from './oss-error.ts';

/** The root of a request body, which must be one XML element called `name`. */
export function readXmlBody(body: Buffer, name: string): XmlElement {
  const root = parseXml(body.toString('utf8'));
  if (root?.name === name) return root;
  const message = 'The XML you provided was not well-formed or did not validate against our published schema.';
  throw new OssError(400, 'MalformedXML', message);
}

/** The text of a child of `parent`, which must be one of `choices`; undefined if there is no such child. */
export function readChoice<T extends string>(parent: XmlElement, name: string, choices: readonly T[]): T | undefined {
  const text = childText(parent, name)?.trim();
  if (text === undefined) return undefined;
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new OssError(400, 'InvalidArgument', `${name} must be one of ${choices.join(', ')}.`);
}
