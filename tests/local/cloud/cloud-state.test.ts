import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openCloudState } from '../../../local/cloud/cloud-state.ts';
import { deployVariables } from '../../../local/cloud/function-variables.ts';
import { ALL_EMBEDDED } from '../../../local/cloud/real-platforms.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const stored = async () => z.looseObject({}).parse(JSON.parse(await readFile(join(folder, 'cloud.json'), 'utf8')));

test('a new folder gets apps of the platforms’ forms, and keeps them to the user', async () => {
  const state = await openCloudState(folder);
  expect(state.lark).toEqual({
    app_id: expect.stringMatching(/^cli_[0-9a-f]{16}$/),
    app_secret: expect.stringMatching(/^\w{32}$/),
    verification_token: expect.stringMatching(/^\w{32}$/),
    encrypt_key: expect.stringMatching(/^\w{32}$/),
    tenant_key: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect((await stat(join(folder, 'cloud.json'))).mode & 0o777).toBe(0o600);
});

test('the same folder is the same cloud', async () => {
  const state = await openCloudState(folder);
  expect(await openCloudState(folder)).toEqual(state);
});

test('a folder from before there was a Lark keeps what it has and gets one for good', async () => {
  const { lark: _, ...before } = await openCloudState(folder);
  await writeFile(join(folder, 'cloud.json'), JSON.stringify(before));
  const state = await openCloudState(folder);
  expect(state).toEqual({ ...before, lark: expect.objectContaining({ app_id: expect.any(String) }) });
  expect(await stored()).toEqual(state);
  expect(await openCloudState(folder)).toEqual(state);
});

describe('functions know of the platforms that are used', () => {
  test.each([
    [['dingtalk'], ['DINGTALK_CORP_ID', 'DINGTALK_APP_KEY']],
    [['lark'], ['LARK_APP_ID', 'LARK_TENANT_KEY']],
  ] as const)('%s and no other', async (platforms, some) => {
    const names = Object.keys(deployVariables(await openCloudState(folder), platforms, ALL_EMBEDDED));
    expect(names).toEqual(expect.arrayContaining([...some]));
    const prefixes = names.flatMap((name) => /^(DINGTALK|LARK)_/.exec(name)?.[1]?.toLowerCase() ?? []);
    expect([...new Set(prefixes)]).toEqual([...platforms]);
  });
});
