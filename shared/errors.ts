/**
 * The three ways a failure is decided. `TransientError`: try again, nothing is lost. `PermanentError`: trying again
 * cannot help; the request is refused and its people are told. Anything else that is thrown is a fault of ours or of
 * the set-up and fails loudly.
 *
 * A message says what was wrong, the value seen, what would be accepted and the next step. It never holds a secret or
 * a payload. `code` is stable: `<service>.<the service's own code>` or one of ours.
 */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Text of anything thrown, for a log line. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
