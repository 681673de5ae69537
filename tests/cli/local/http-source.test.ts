import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchActivity } from '../../../cli/approval/watch-activity.ts';
import { main } from '../../../cli/main.ts';
import { cloudDescriptionSchema } from '../../../local/cloud/cloud-description.ts';
import { makeRoot, type OtherRoot } from '../../loop/other-root.ts';
import { ioOf } from '../ops-cloud.ts';

jest.setTimeout(90_000);

let other: OtherRoot;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-source-test-'));
  const http_source = { dingtalk: { instance_id: 'body.审批.实例' }, lark: { instance_id: 'body.instance_code' } };
  other = await makeRoot((file) => ({ ...file, http_source }));
});
afterAll(async () => {
  await other.remove();
  await rm(folder, { recursive: true, force: true });
});

/** What `local up` with these options prints until it is ready; it goes on until `use` is done. */
async function whileUp(options: readonly string[], use: (printed: string) => Promise<void>): Promise<void> {
  const interrupted = new AbortController();
  const lines: string[] = [];
  let ready = () => {};
  const isReady = new Promise<void>((done) => {
    ready = done;
  });
  const out = (line: string) => {
    lines.push(line);
    if (/Ctrl-C|^\{/.test(line.trim())) ready();
  };
  const io = { ...ioOf([]), root: other.root, out, signal: interrupted.signal };
  const ended = main(['local', 'up', '--port', '0', '--state', folder, ...options], io);
  try {
    await Promise.race([isReady, ended]);
    await use(lines.join('\n'));
  } finally {
    interrupted.abort(new Error('interrupted'));
    await ended;
  }
}

/** What a flow posts there wakes ingest, which looks the approval up. */
async function expectTaken(url: string, body: object, requestId: string): Promise<void> {
  const running = cloudDescriptionSchema.parse(JSON.parse(await readFile(join(folder, 'running.json'), 'utf8')));
  let found = (_reason: unknown) => {};
  const reason = new Promise((done) => {
    found = done;
  });
  const lost = () => found('the cloud is gone');
  const stop = await watchActivity(
    running,
    ({ message, fields }) => {
      if (message === 'hint ignored' && fields['request_id'] === requestId) found(fields['reason']);
    },
    lost,
  );
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(200);
  expect(await reason).toBe('the platform does not give us this approval');
  stop();
}

test('people see the URL of each event source, and what is posted there is looked up', async () => {
  await whileUp([], async (printed) => {
    const urlOf = (source: string) =>
      new RegExp(`^HTTP source {7}(http://127\\.0\\.0\\.1:\\d+/\\S+) +${source}\\.http$`, 'm').exec(printed)?.[1] ?? '';
    await expectTaken(urlOf('dingtalk'), { 标题: '入职 🚀', 审批: { 实例: 'seen-1' } }, 'dingtalk.seen-1');
    await expectTaken(urlOf('lark'), { instance_code: 'seen-2' }, 'lark.seen-2');
  });
});

test('programs get them in the line of --json', async () => {
  await whileUp(['--json'], async (printed) => {
    const { http_sources } = cloudDescriptionSchema.parse(JSON.parse(printed));
    expect(Object.keys(http_sources).sort()).toEqual(['dingtalk.http', 'lark.http']);
    await expectTaken(http_sources['dingtalk.http'] ?? '', { 审批: { 实例: 'seen-3' } }, 'dingtalk.seen-3');
  });
});
