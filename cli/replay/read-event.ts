import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { errorMessage } from '../../shared/errors.ts';
import { type Io, UsageError } from '../io.ts';

/** The bytes of a file, or of stdin for `-`, as they are. */
export async function readEvent(file: string, { stdin }: Pick<Io, 'stdin'>): Promise<Buffer> {
  if (file === '-') return buffer(stdin);
  return readFile(resolve(file)).catch((error: unknown) => {
    throw new UsageError(
      `the event file ${file} cannot be read (${errorMessage(error)}); --event takes a file, - is stdin`,
    );
  });
}
