import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** Ids and secrets of an embedded cloud: made once for its folder, so that a second start is the same cloud. */
const cloudStateSchema = z.object({
  account_id: z.string(),
  access_key_id: z.string(),
  access_key_secret: z.string(),
  instance_ids: z.array(z.string()),
  dingtalk: z.object({
    corp_id: z.string(),
    app_key: z.string(),
    app_secret: z.string(),
    callback_token: z.string(),
    callback_aes_key: z.string(),
  }),
  /** Other secrets by name. */
  secrets: z.record(z.string(), z.string()),
});
export type CloudState = z.infer<typeof cloudStateSchema>;

export async function openCloudState(directory: string, randomText: (length: number) => string): Promise<CloudState> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'cloud.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined) return cloudStateSchema.parse(JSON.parse(text));
  const state = newCloudState(randomText);
  await saveCloudState(directory, state);
  return state;
}

export async function saveCloudState(directory: string, state: CloudState): Promise<void> {
  const path = join(directory, 'cloud.json');
  await writeFile(`${path}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function newCloudState(randomText: (length: number) => string): CloudState {
  return {
    account_id: '1000000000000001',
    access_key_id: `LTAI${randomText(20)}`,
    access_key_secret: randomText(30),
    instance_ids: [`i-local${randomText(12).toLowerCase()}`],
    dingtalk: {
      corp_id: `ding${randomText(16).toLowerCase()}`,
      app_key: `ding${randomText(16).toLowerCase()}`,
      app_secret: randomText(40),
      callback_token: randomText(24),
      callback_aes_key: randomText(43),
    },
    secrets: {},
  };
}
