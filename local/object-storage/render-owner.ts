import type { XmlNode } from './render-xml.ts';

export function renderOwner(accountId: string): XmlNode {
  return [
    'Owner',
    [
      ['ID', accountId],
      ['DisplayName', accountId],
    ],
  ];
}
