import type { Holder } from './holder.ts';
import type { InstanceFile, SendFileResult } from './instance.ts';
import { launch } from './launch.ts';
import { READ_FILE_TEXT, SEND_FILE_TEXT } from './task-script.ts';

const SEND_FILE_ERRORS = ['FileAlreadyExists', 'FileCreateFail', 'FileAuthorityInvalid'] as const;

/** Writes a file inside, by a process inside: paths and names mean what they mean there. */
export async function sendInstanceFile(holder: Holder, file: InstanceFile): Promise<SendFileResult> {
  if (!/^\/[^\0]*[^/\0]$/.test(file.path)) {
    return { end: 'failed', errorCode: 'FileCreateFail', message: `Not an absolute path of a file: ${file.path}` };
  }
  if (!/^[0-7]{3,4}$/.test(file.mode)) {
    return { end: 'failed', errorCode: 'FileAuthorityInvalid', message: `Not a mode like 0644: ${file.mode}` };
  }
  const { answer, complaint, exitCode } = await launch(holder, {
    text: SEND_FILE_TEXT,
    args: [file.path, file.mode, file.owner, file.group, file.overwrite ? 'yes' : 'no'],
    input: file.content,
    onOutput: () => {},
  }).ended;
  if (answer === 'sent') return { end: 'sent' };
  const errorCode = SEND_FILE_ERRORS.find((code) => code === answer) ?? 'FileCreateFail';
  return { end: 'failed', errorCode, message: complaint.trim() || `${errorCode}: ${file.path} (${exitCode})` };
}

/** The bytes of a file inside; undefined when there is none. */
export async function readInstanceFile(holder: Holder, path: string): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  const { answer, complaint } = await launch(holder, {
    text: READ_FILE_TEXT,
    args: [path],
    input: Buffer.alloc(0),
    onOutput: (chunk) => chunks.push(chunk),
  }).ended;
  if (answer === 'found') return Buffer.concat(chunks);
  if (answer === 'absent') return undefined;
  throw new Error(`The instance cannot be read from: ${complaint.trim()}`);
}
