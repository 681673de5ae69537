import { detectSandboxSupport } from '../../../local/instance/sandbox-support.ts';
import { describeAsRoot } from './open-instance.ts';

describe('what this machine can do', () => {
  test.each(['darwin', 'win32'])('is nothing on %s, with what to do instead', async (platform) => {
    const support = await detectSandboxSupport({ platform, uid: 501 });
    expect(support).toEqual({ mode: 'none', message: expect.stringContaining('docker run --privileged') });
    expect(support).toEqual({ mode: 'none', message: expect.stringContaining(platform) });
  });
});

describeAsRoot('what this machine can do', () => {
  test('is full isolation for root', async () => {
    expect(await detectSandboxSupport({ platform: 'linux', uid: 0 })).toEqual({ mode: 'root' });
  });
});
