import { errorMessage } from '../../shared/errors.ts';
import { foreign } from '../inspect/terminal.ts';

/** An SDK's error by its code, for its message repeats what was signed; any other by its message. */
export function describeError(error: unknown): string {
  const code = codeOf(error);
  return foreign(code ?? errorMessage(error), 300);
}

/** The code of an error, or of what caused it. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[\w.-]{1,128}$/.test(code) ? code : codeOf(error.cause);
}
