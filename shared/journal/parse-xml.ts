export interface XmlElement {
  name: string;
  /** Character data directly inside, entities decoded. */
  text: string;
  children: XmlElement[];
}

/** A declaration, a tag with its attributes, or text, and nothing else. */
const TOKEN =
  /<\?xml\s[^<>]*\?>|<(?<close>\/?)(?<name>[A-Za-z][\w.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>|(?<text>[^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const MAX_DEPTH = 16;

/**
 * The root of a plain XML document as OSS writes it, or undefined for anything else: HTML, half a document, a DOCTYPE,
 * comments, CDATA, unknown entities. Attributes are passed over.
 */
export function parseXml(document: string): XmlElement | undefined {
  const top: XmlElement = { name: '', text: '', children: [] };
  const open = [top];
  const token = new RegExp(TOKEN);
  const source = document.startsWith('\uFEFF') ? document.slice(1) : document;
  while (token.lastIndex < source.length) {
    const groups = token.exec(source)?.groups;
    const current = open.at(-1);
    if (!groups || !current) return undefined;
    if (groups['name'] !== undefined) {
      if (!applyTag(open, current, groups['name'], groups['close'] === '/', groups['empty'] === '/')) return undefined;
    } else if (groups['text'] !== undefined) {
      const text = decodeEntities(groups['text']);
      if (text === undefined) return undefined;
      current.text += text;
    }
  }
  const [root] = top.children;
  return open.length === 1 && top.children.length === 1 && top.text.trim() === '' ? root : undefined;
}

/** Text of the first child with this name. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function applyTag(open: XmlElement[], current: XmlElement, name: string, closes: boolean, empty: boolean): boolean {
  if (closes) return !empty && open.length > 1 && open.pop()?.name === name;
  const element: XmlElement = { name, text: '', children: [] };
  current.children.push(element);
  if (!empty) open.push(element);
  return open.length <= MAX_DEPTH;
}

function decodeEntities(text: string): string | undefined {
  let known = true;
  const decoded = text.replace(/&([^;&]{0,10};?)/g, (_, entity: string) => {
    const character = entity.endsWith(';') ? decodeEntity(entity.slice(0, -1)) : undefined;
    if (character === undefined) known = false;
    return character ?? '';
  });
  return known ? decoded : undefined;
}

function decodeEntity(entity: string): string | undefined {
  const code = /^#(?:x(?<hex>[0-9a-fA-F]{1,6})|(?<decimal>\d{1,7}))$/.exec(entity)?.groups;
  if (!code) return Object.hasOwn(ENTITIES, entity) ? ENTITIES[entity] : undefined;
  const point = code['hex'] ? Number.parseInt(code['hex'], 16) : Number(code['decimal']);
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}
