import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { errorMessage } from '../../shared/errors.ts';
import { type Io, UsageError } from '../io.ts';

/** https://www.alibabacloud.com/help/en/functioncompute/product-overview/limits-of-usage */
const MAX_BYTES = { waited: 32 * 1024 * 1024, async: 128 * 1024 };

/** The bytes of a file, or of stdin for `-`, as they are. Too few or too many of them are a UsageError. */
export async function readEvent(file: string, { stdin }: Pick<Io, 'stdin'>, { async = false } = {}): Promise<Buffer> {
  const event = await readBytes(file, stdin);
  const what = file === '-' ? 'the event on stdin' : `the event file ${file}`;
  if (event.length === 0) throw new UsageError(`${what} is empty; a function takes JSON, such as {}`);
  const max = async ? MAX_BYTES.async : MAX_BYTES.waited;
  if (event.length > max)
    throw new UsageError(
      `${what} has ${event.length} bytes; Function Compute takes ${MAX_BYTES.async} with --async and ${MAX_BYTES.waited} without`,
    );
  return event;
}

function readBytes(file: string, stdin: Io['stdin']): Promise<Buffer> {
  if (file === '-') return buffer(stdin);
  return readFile(resolve(file)).catch((error: unknown) => {
    throw new UsageError(
      `the event file ${file} cannot be read (${errorMessage(error)}); --event takes a file, - is stdin`,
    );
  });
}
