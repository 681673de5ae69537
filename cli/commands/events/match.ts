import { Command } from 'commander';
import * as z from 'zod';
import { compilePattern, compilePatternText } from '../../../local/event-bridge/pattern/compile-pattern.ts';
import type { Io } from '../../io.ts';
import { answerLines } from '../../json-lines.ts';

const questionSchema = z.strictObject({ pattern: z.unknown(), event: z.unknown() });

export function eventsMatchCommand(io: Io): Command {
  return new Command('match')
    .description(
      'Tell whether EventBridge patterns match events: one question per line of stdin, one answer per line of stdout',
    )
    .addHelpText(
      'after',
      `
A line holds {"pattern": …, "event": …}; the pattern may also be its JSON text, as rules carry it.
The answer is {"match": true|false}, or {"error": …} with the path of what is wrong in the pattern.
The language is specified in local/event-bridge/PATTERNS.md.

Example:
  $ echo '{"pattern":{"source":[{"prefix":"acs."}]},"event":{"source":"acs.ecs"}}' | npm run -s loop -- events match
  {"match":true}
`,
    )
    .action(() => answerLines(io, matchEvent));
}

function matchEvent(question: unknown): object {
  const parsed = questionSchema.safeParse(question);
  if (!parsed.success || !('pattern' in parsed.data) || !('event' in parsed.data)) {
    return { error: 'a line is an object with exactly two keys, pattern and event' };
  }
  const { pattern, event } = parsed.data;
  const compiled = typeof pattern === 'string' ? compilePatternText(pattern) : compilePattern(pattern);
  return { match: compiled.matches(event) };
}
