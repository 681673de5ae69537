/**
 * Text of others (form values, names, script output) in a message of ours: it may say anything, but it must not act.
 * What steers a terminal or the direction of reading goes; what a platform's markup reads as markup is replaced by
 * its full-width twin by that platform's `escape`.
 */

/** ANSI escape sequences: CSI, OSC up to its end, and two-character ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])|\u009b[0-?]*[ -/]*[@-~]/g;
/** C0 and C1 controls but for tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Bidirectional marks and overrides, zero-width characters, line and paragraph separators, tags. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** The text without whatever cannot be seen; CR LF and CR become LF. */
export function stripInvisible(text: string): string {
  return text
    .replace(ANSI, '')
    .replace(/\r\n?/g, '\n')
    .replace(CONTROLS, '')
    .replace(INVISIBLE, (mark) => (mark === '\u200d' ? mark : ''));
}

/** The same on one line, cut to `maxBytes` of UTF-8 at a character; an ellipsis shows the cut. */
export function oneLine(text: string, maxBytes: number): string {
  const line = stripInvisible(text).replace(/\s+/gu, ' ').trim();
  return Buffer.byteLength(line) <= maxBytes ? line : `${headBytes(line, maxBytes - 3)}…`;
}

/** The first `maxBytes` bytes of a text, never ending within a character. */
export function headBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  let end = Math.max(0, Math.min(maxBytes, bytes.length));
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** The last `maxBytes` bytes of a text, never starting within a character. */
export function tailBytes(bytes: Buffer, maxBytes: number): string {
  let start = Math.max(0, bytes.length - maxBytes);
  while (start > 0 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.toString('utf8', start);
}
