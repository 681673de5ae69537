import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { errorMessage } from '../../shared/errors.ts';
import { UsageError } from '../io.ts';
import type { Options } from './options.ts';

/** The bytes that the function is invoked with, as they are; the stock component squeezes JSON and drops missing files. */
export async function readEvent({ event, eventFile }: Options, stdin: Readable & { isTTY?: boolean }): Promise<Buffer> {
  if (event !== undefined) return Buffer.from(event);
  if (eventFile !== undefined && eventFile !== '-') {
    return readFile(eventFile).catch((error: unknown) => {
      throw new UsageError(
        `the event file ${eventFile} cannot be read (${errorMessage(error)}); -f takes a file, - is stdin`,
      );
    });
  }
  // Without any event the stock component sends an empty one.
  return stdin.isTTY ? Buffer.alloc(0) : buffer(stdin);
}
