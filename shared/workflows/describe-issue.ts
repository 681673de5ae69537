import type * as z from 'zod/mini';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** A fault of the file in words: where it is and what would be accepted. zod/mini itself says "Invalid input". */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.') || 'the file';
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${path} has the unknown key ${issue.keys.join(', ')}`;
    case 'invalid_type':
      return `${path} must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `${path} must be ${issue.values.map(String).join(' or ')}`;
    case 'invalid_key':
      return `${path}: ${issue.issues[0]?.message ?? issue.message}`;
    case 'too_small':
      return isNumber(issue) ? `${path} must be at least ${issue.minimum}` : `${path} must not be empty`;
    case 'too_big':
      if (isNumber(issue)) return `${path} must be at most ${issue.maximum}`;
      return `${path} must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}`;
    default:
      return `${path}: ${issue.message}`;
  }
}

function isNumber({ origin }: { origin: string }): boolean {
  return origin === 'number' || origin === 'int';
}
