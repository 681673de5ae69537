/** What the platforms' markdown reads as markup, and its full-width twin: a backslash is not documented to escape there. */
const TWINS: Record<string, string> = {
  '*': '＊',
  '`': '｀',
  '#': '＃',
  '!': '！',
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '|': '｜',
  '~': '～',
  '\\': '＼',
  '@': '＠',
};
const MARKUP = /[*`#![\]<>|~\\@]/g;
/** An underscore marks emphasis only at the edge of a word; inside one (`emp_id`) it stays. */
const EDGE_UNDERSCORE = /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** Addresses that a client would turn into links. */
const ADDRESS = /:\/\/|\bwww\./gi;
/** `:OK:` is a picture in Lark. */
const SHORT_CODE = /:(?=[A-Za-z_]+:)/g;
/** Lists, rules and underlined headings begin at the start of a line. */
const LIST = /^[ \t]*(?:[-+]|\d+[.)])(?=\s|$)|^[ \t]*(?:-[- \t]*|=[= \t]*)$/gm;
const LIST_TWINS: Record<string, string> = { '-': '－', '+': '＋', '=': '＝', '.': '．', ')': '）' };

export function escapeMarkdown(text: string): string {
  return text
    .replace(MARKUP, (mark) => TWINS[mark] ?? mark)
    .replace(SHORT_CODE, '：')
    .replace(EDGE_UNDERSCORE, '＿')
    .replace(ADDRESS, (address) => (address === '://' ? '：//' : address.replace('.', '。')))
    .replace(LIST, (start) => start.replace(/[-+=.)]/g, (mark) => LIST_TWINS[mark] ?? mark));
}
