/**
 * Text of others (form values, names, script output) in a message of ours: it may say anything, but it must not act.
 * What steers a terminal or the direction of reading goes; what a platform's markup reads as markup is replaced by
 * its full-width twin by that platform's `escape`.
 */

/** ANSI escape sequences: CSI, OSC up to its end or that of the line, and short ones such as `ESC ( B`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const ANSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\r\n]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]/g;
/** C0 and C1 controls but for tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Bidirectional marks and overrides, zero-width characters but the joiner of emoji, line and paragraph separators, tags. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** Half a surrogate pair; once what stood between two halves were gone, they would make a character. */
const HALVES = /\p{Surrogate}/gu;

/** The text without whatever cannot be seen; CR LF and CR become LF. */
export function stripInvisible(text: string): string {
  return text
    .replace(HALVES, '\ufffd')
    .replace(ANSI, '')
    .replace(/\r\n?/g, '\n')
    .replace(CONTROLS, '')
    .replace(INVISIBLE, '');
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
  return bytes.toString('utf8', tailStart(bytes, maxBytes));
}

/** Where that tail starts. Bytes that are no UTF-8 are not skipped: a character has at most three after its first. */
export function tailStart(bytes: Buffer, maxBytes: number): number {
  const start = Math.max(0, bytes.length - maxBytes);
  const first = bytes.subarray(start, start + 4);
  const skipped = first.findIndex((byte) => (byte & 0xc0) !== 0x80);
  if (start === 0 || skipped === 0) return start;
  if (skipped > 0) return start + skipped;
  return first.length < 4 ? bytes.length : start;
}
