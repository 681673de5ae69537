import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { keyId } from '../../audit/checkpoint.ts';
import { type Io, UsageError } from '../../io.ts';

export const PRIVATE_FILE = 'audit-private.pem';
export const PUBLIC_FILE = 'audit-public.pem';

export function auditKeygenCommand(io: Io): Command {
  return new Command('keygen')
    .description('Make the pair of keys that checkpoints are signed with (Ed25519)')
    .option('--out <folder>', 'where the two files go', '.')
    .addHelpText(
      'after',
      `
Writes ${PRIVATE_FILE} (readable by you alone) and ${PUBLIC_FILE}; files that are there are not touched. Keep the
private one where the functions are not: whoever has it and the bucket can rewrite history.

Example:
  $ npm run -s loop -- audit keygen --out ~/audit
`,
    )
    .action(({ out }: { out: string }) => keygen(out, io));
}

async function keygen(out: string, io: Io): Promise<void> {
  await mkdir(out, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await writeNew(join(out, PRIVATE_FILE), privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  await writeNew(join(out, PUBLIC_FILE), publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
  for (const name of [PRIVATE_FILE, PUBLIC_FILE]) io.out(join(out, name));
  io.out(`key ${keyId(publicKey)}`);
}

async function writeNew(path: string, pem: string | Buffer, mode: number): Promise<void> {
  await writeFile(path, pem, { flag: 'wx', mode }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'is there already, and a key is never overwritten' : error.message;
    throw new UsageError(`${path}: ${why}`);
  });
}
