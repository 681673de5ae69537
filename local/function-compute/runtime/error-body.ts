/** The code could not be loaded; `name` becomes the errorType. */
export class LoadError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** The body of a function error: https://www.alibabacloud.com/help/en/functioncompute/fc/error-handling-nodejs */
export function errorBody(thrown: unknown): Buffer {
  return Buffer.from(JSON.stringify(describe(thrown)));
}

function describe(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) {
    return { errorMessage: typeof thrown === 'string' ? thrown : JSON.stringify(thrown) };
  }
  return { errorMessage: thrown.message, errorType: thrown.name, stackTrace: (thrown.stack ?? '').split('\n') };
}
