import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { LarkError } from './api-error.ts';

const CardSchema = z.looseObject({
  schema: z.string().optional(),
  config: z.looseObject({ update_multi: z.boolean().optional() }).optional(),
  elements: z.array(z.unknown()).optional(),
  i18n_elements: z.record(z.string(), z.unknown()).optional(),
  body: z.looseObject({ elements: z.array(z.unknown()).optional() }).optional(),
});
const TemplateSchema = z.looseObject({ type: z.literal('template'), data: z.looseObject({ template_id: z.string() }) });

export interface CardKind {
  version: '1.0' | '2.0' | 'template';
  /** Everybody who got the card sees an update. Cards 1.0 must ask for it, cards 2.0 are so. */
  shared: boolean;
}

const MAX_ELEMENTS = 200;
/** https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-json-v2-breaking-changes-release-notes */
const GONE_IN_2 = ['action', 'note'];

/**
 * Checks the content of a card message: https://open.feishu.cn/document/feishu-cards/card-json-structure and
 * …/card-json-v2-structure. Throws 230099 with the inner code in its text.
 */
export function checkCard(content: string): CardKind {
  if (parseJson(TemplateSchema, content)) return { version: 'template', shared: true };
  const card = parseJson(CardSchema, content);
  if (!card) throw badCard(200621, 'parse card json err, please check whether the card json is correct', content);
  const elements = card.schema === '2.0' ? card.body?.elements : (card.elements ?? card.i18n_elements);
  if (!elements) throw badCard(200621, 'parse card json err, please check whether the card json is correct', content);
  const tags = tagsOf(elements);
  if (tags.length > MAX_ELEMENTS) throw badCard(11310, 'element exceeds the limit', String(tags.length));
  if (card.schema !== '2.0') return { version: '1.0', shared: card.config?.update_multi === true };
  const gone = tags.find((tag) => GONE_IN_2.includes(tag));
  if (gone) {
    throw badCard(200861, 'cards of schema V2 no longer support this capability', `unsupported tag ${gone}`);
  }
  return { version: '2.0', shared: card.config?.update_multi !== false };
}

export function badCard(inner: number, message: string, value: string): LarkError {
  const text = `Failed to create card content, ext=ErrCode: ${inner}; ErrMsg: ${message}; ErrorValue: ${value.slice(0, 80)}; `;
  return new LarkError(230099, text);
}

/** The tags of all components, however deep they stand. */
function tagsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(tagsOf);
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(tagsOf);
  return 'tag' in value && typeof value.tag === 'string' ? [value.tag, ...inner] : inner;
}
