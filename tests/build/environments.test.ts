import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../cli/command-line.ts';
import { type Copy, copyRepository } from '../cli/copy-repository.ts';

const OVERLAY = 'workflows:\n  onboarding: { title: 生产环境入职 🎉 }\n  resource-request: null\n';

let copy: Copy;
beforeAll(async () => {
  copy = await copyRepository({ 'workflows.prod.yaml': OVERLAY });
});
afterAll(() => copy.remove());

const build = () => run(['--quiet'], { program: [process.execPath, join(copy.root, 'build', 'main.mjs')] });
const bundleOf = (environment: string, name: string) => join(copy.root, 'dist/environments', environment, name);

test.each(['ingest', 'dispatch', 'notify'])(
  'the bundles of %s hold the workflows of their environment',
  async (name) => {
    const held = await Promise.all(
      ['dev', 'staging', 'prod'].map(async (environment) => {
        const text = await readFile(join(bundleOf(environment, name), 'index.js'), 'utf8');
        return ['新员工入职', '生产环境入职 🎉', '服务器资源申请'].filter((title) => text.includes(title));
      }),
    );
    const everywhere = ['新员工入职', '服务器资源申请'];
    expect(held).toEqual([everywhere, everywhere, ['生产环境入职 🎉']]);
  },
);

const START = `require(process.argv[1]).handler(Buffer.from('{}'), {
  requestId: '1', region: 'cn-hangzhou', accountId: '1000000000000001', credentials: { accessKeyId: 'a', accessKeySecret: 'b' },
}).catch((error) => { console.error(error.message); process.exit(1); });`;

test.each([
  ['dev', 'dev', 0, ''],
  ['prod', 'prod', 0, ''],
  ['dev', 'prod', 1, 'LOOP_ENVIRONMENT is "prod", and this was built for dev\n'],
  ['prod', 'dev', 1, 'LOOP_ENVIRONMENT is "dev", and this was built for prod\n'],
])('the bundle of %s in a function of %s ends with %i', async (built, environment, code, stderr) => {
  const env = { LOOP_ENVIRONMENT: environment, ECS_INSTANCE_IDS: 'i-1', ECS_BUILD_INSTANCE_IDS: 'i-2' };
  const args = ['-e', START, join(bundleOf(built, 'dispatch'), 'index.js')];
  expect(await run(args, { program: [process.execPath], env })).toMatchObject({ code, stderr });
});

test.each<[string, string, string, string]>([
  [
    'an overlay with a fault',
    'workflows.staging.yaml',
    'workflows:\n  onboarding:\n    aprovers: { min: 2 }\n',
    'build: workflows.staging.yaml:3: workflows.onboarding has the unknown key aprovers; did you mean approvers?\n',
  ],
  [
    'an overlay of no environment',
    'workflows.qa.yaml',
    'workflows: { resource-request: null }\n',
    'build: workflows.qa.yaml:1: "qa" is no environment of env.yaml, which has dev, staging, prod\n',
  ],
  [
    'an overlay whose variable s.yaml does not pass on',
    'workflows.staging.yaml',
    `chats: { it-ops: { lark: { chat_id: '\${STAGING_CHAT_ID}' } } }\n`,
    `build: s.yaml: resources.notify.props.environmentVariables: notify needs STAGING_CHAT_ID; add \${env('STAGING_CHAT_ID', 'not-set')}; "npm run -s loop -- s-yaml check" shows the line\n`,
  ],
])('%s fails the build, which says where', async (_, name, text, fault) => {
  const file = join(copy.root, name);
  await writeFile(file, text);
  const { code, stderr } = await build();
  await rm(file);
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(fault) });
});

test('an overlay that is no YAML ends the build, which says where', async () => {
  const file = join(copy.root, 'workflows.staging.yaml');
  await writeFile(file, 'workflows:\n  onboarding: [\n');
  const { code, stderr } = await build();
  await rm(file);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^build: workflows\.staging\.yaml cannot be read: .* at line 3, /),
  });
});

test('what was built for an environment that is gone is gone, too', async () => {
  const path = join(copy.root, 'env.yaml');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('  staging:\n    tags: { stage: staging }\n', ''));
  const { code, stderr } = await build();
  await writeFile(path, text);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect((await readdir(join(copy.root, 'dist/environments'))).sort()).toEqual(['dev', 'prod']);
});
