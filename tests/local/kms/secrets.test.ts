import KmsClient from '@alicloud/pop-core';
import { KEYS, type StartedKms, startKms } from '../../shared/secrets/start-kms.ts';

let kms: StartedKms;
beforeAll(async () => {
  kms = await startKms();
});
afterAll(() => kms.close());

const call = (action: string, parameters: object) => kms.client.request(action, parameters);

test('a secret is made once, read, changed, and deleted, and outlives the service', async () => {
  await kms.put('prod/A', '值 🙂');
  await expect(kms.put('prod/A', 'again')).rejects.toMatchObject({ code: 'Rejected.ResourceExist' });
  expect(await call('GetSecretValue', { SecretName: 'prod/A' })).toMatchObject({
    SecretName: 'prod/A',
    SecretData: '值 🙂',
    SecretDataType: 'text',
    VersionId: 'v1',
    VersionStages: { VersionStage: ['ACSCurrent'] },
  });
  await call('PutSecretValue', { SecretName: 'prod/A', SecretData: 'new', VersionId: 'v2' });
  await kms.restart();
  expect(await call('GetSecretValue', { SecretName: 'prod/A' })).toMatchObject({ SecretData: 'new', VersionId: 'v2' });
  const described = await call('DescribeSecret', { SecretName: 'prod/A' });
  expect(described).toMatchObject({ SecretName: 'prod/A' });
  expect(JSON.stringify(described)).not.toContain('new');
  await call('DeleteSecret', { SecretName: 'prod/A' });
  await expect(call('GetSecretValue', { SecretName: 'prod/A' })).rejects.toMatchObject({
    code: 'Forbidden.ResourceNotFound',
  });
});

test.each([
  ['a name with a space', { SecretName: 'a b' }],
  ['a name in Chinese', { SecretName: '密钥' }],
  ['a name of 193 characters', { SecretName: 'x'.repeat(193) }],
  ['a value of more than 30 KB', { SecretName: 'b', SecretData: 'x'.repeat(30_721) }],
])('%s is refused', async (_, wrong) => {
  const parameters = { SecretData: 'x', VersionId: 'v1', ...wrong };
  await expect(kms.client.request('CreateSecret', parameters, { method: 'POST' })).rejects.toMatchObject({
    code: 'InvalidParameter',
  });
});

test('another secret of the key is refused', async () => {
  const wrong = new KmsClient({ ...KEYS, accessKeySecret: 'wrong', endpoint: kms.origin, apiVersion: '2016-01-20' });
  await expect(wrong.request('GetSecretValue', { SecretName: 'a' })).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
  });
});
