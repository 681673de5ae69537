import type { Fact } from '../../shared/request/records.ts';
import type { Language } from '../../shared/workflows/schema.ts';
import type { DiagnosisCode } from './explanation.ts';
import { EN } from './texts-en.ts';
import { ZH } from './texts-zh.ts';

export interface WhyTexts {
  /** For each diagnosis what it means, and what to do. */
  diagnoses: Record<DiagnosisCode, { what: string; todo: string }>;
  facts: Record<Fact['type'], string>;
  /** By message of the log. */
  hops: Record<string, string>;
  labels: Record<'why' | 'todo' | 'nextTry' | 'attempts' | 'leases' | 'held' | 'expired' | 'noLog', string>;
}

const TEXTS: Record<Language, WhyTexts> = { en: EN, 'zh-CN': ZH };

export function whyTexts(language: Language): WhyTexts {
  return TEXTS[language];
}

export function factName(type: Fact['type'], language: Language): string {
  return TEXTS[language].facts[type];
}

export function hopName(message: string, language: Language): string | undefined {
  const { hops } = TEXTS[language];
  return Object.hasOwn(hops, message) ? hops[message] : undefined;
}
