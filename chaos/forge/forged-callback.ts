/** A callback that only the platform could have signed, and did not. */
export interface ForgedCallback {
  query: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export const WRONG_TOKEN = 'NotTheTokenOfThisApp';
export const WRONG_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

/** The genuine body, but for the attempts that are about its bytes. */
export function spoil(attempt: string, genuine: string): string {
  if (attempt === 'cut') return genuine.slice(0, genuine.length / 2);
  if (attempt === 'garbage') return genuine.replace(/.{8}"}$/, '你好世界"}');
  return genuine;
}
