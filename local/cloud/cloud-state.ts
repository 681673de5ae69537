import { randomBytes } from 'node:crypto';
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
  lark: z.object({
    app_id: z.string(),
    app_secret: z.string(),
    verification_token: z.string(),
    encrypt_key: z.string(),
    tenant_key: z.string(),
  }),
  /** Other secrets by name. */
  secrets: z.record(z.string(), z.string()),
});
export type CloudState = z.infer<typeof cloudStateSchema>;

export async function openCloudState(directory: string): Promise<CloudState> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'cloud.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const state = text === undefined ? newCloudState() : readCloudState(text);
  await saveCloudState(directory, state);
  return state;
}

export async function saveCloudState(directory: string, state: CloudState): Promise<void> {
  const path = join(directory, 'cloud.json');
  await writeFile(`${path}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** A folder of an earlier version lacks what that version did not know; it gets it now. */
const storedStateSchema = cloudStateSchema.extend({ lark: cloudStateSchema.shape.lark.optional() });

function readCloudState(text: string): CloudState {
  const { lark = newLarkApp(), ...state } = storedStateSchema.parse(JSON.parse(text));
  return { ...state, lark };
}

function newCloudState(): CloudState {
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
    lark: newLarkApp(),
    secrets: {},
  };
}

function newLarkApp(): CloudState['lark'] {
  return {
    app_id: `cli_${randomBytes(8).toString('hex')}`,
    app_secret: randomText(32),
    verification_token: randomText(32),
    encrypt_key: randomText(32),
    tenant_key: randomBytes(8).toString('hex'),
  };
}

export function keysOf(state: CloudState) {
  return { accessKeyId: state.access_key_id, accessKeySecret: state.access_key_secret };
}

/** A secret that is made when it is first asked for and stays the same for this cloud's folder. */
export function secretOf(state: CloudState, name: string): string {
  state.secrets[name] ??= randomText(40);
  return state.secrets[name];
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => LETTERS_AND_DIGITS[byte % LETTERS_AND_DIGITS.length]).join('');
}
