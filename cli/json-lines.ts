import { addAbortSignal } from 'node:stream';
import { errorMessage } from '../shared/errors.ts';
import type { Io } from './io.ts';

/** A longer line is answered with an error instead of being parsed. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/**
 * Answers every line of JSON on stdin with one line of JSON on stdout, in order. What is wrong with a line is its
 * answer: `{"error": …}`. Blank lines are passed over.
 */
export async function answerLines(io: Io, answer: (value: unknown) => object): Promise<void> {
  for await (const line of readLines(io)) {
    if (line.trim() !== '') io.out(JSON.stringify(answerLine(line, answer)));
  }
}

/** A line ends with LF alone: CR is white space of JSON, and readline would end a line there. Throws when interrupted. */
async function* readLines({ stdin, signal }: Io): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const chunk of addAbortSignal(signal, stdin).setEncoding('utf8')) {
    const [end = '', ...starts] = String(chunk).split('\n');
    parts.push(end);
    for (const start of starts) {
      yield parts.join('');
      parts = [start];
    }
  }
  yield parts.join('');
}

function answerLine(line: string, answer: (value: unknown) => object): object {
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) return { error: `the line is longer than ${MAX_LINE_BYTES} bytes` };
  try {
    return answer(JSON.parse(line));
  } catch (error) {
    return { error: error instanceof SyntaxError ? `the line is not JSON: ${error.message}` : errorMessage(error) };
  }
}
