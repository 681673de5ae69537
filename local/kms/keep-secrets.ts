import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** The current version of a secret. */
const versionSchema = z.object({
  SecretData: z.string(),
  SecretDataType: z.enum(['text', 'binary']),
  VersionId: z.string(),
});
const fileSchema = z.record(z.string(), versionSchema);

/** By their names. */
export type Secrets = Map<string, z.infer<typeof versionSchema>>;

/** What is kept in the folder, for its owner alone, and how to keep it. Throws if the file is not what it should be. */
export function openSecrets(directory: string): { secrets: Secrets; save(): void } {
  const file = join(directory, 'secrets.json');
  const kept = existsSync(file) ? fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  const secrets: Secrets = new Map(Object.entries(kept));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return {
    secrets,
    save() {
      writeFileSync(`${file}.tmp`, JSON.stringify(Object.fromEntries(secrets)), { mode: 0o600 });
      renameSync(`${file}.tmp`, file);
    },
  };
}
