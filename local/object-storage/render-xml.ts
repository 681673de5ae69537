import type { HttpResponse } from '../http/server.ts';

/** A name with its text or its children. */
export type XmlNode = readonly [name: string, content: string | number | boolean | readonly XmlNode[]];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function renderXml(root: XmlNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderNode(root)}`;
}

export function xmlResponse(root: XmlNode): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderXml(root) };
}

function renderNode([name, content]: XmlNode): string {
  if (Array.isArray(content)) return `<${name}>${content.map(renderNode).join('')}</${name}>`;
  return `<${name}>${String(content).replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char)}</${name}>`;
}
