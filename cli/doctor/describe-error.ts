import { errorMessage } from '../../shared/errors.ts';
import { foreign } from '../inspect/terminal.ts';

/** An SDK's error by its code, for its message repeats what was signed; any other by its message. */
export function describeError(error: unknown): string {
  const code = codeOf(error);
  return foreign(code ?? errorMessage(error), 300);
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[\w.-]{1,128}$/.test(error.code) ? error.code : undefined;
}
