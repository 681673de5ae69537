import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FACTS } from '../../shared/request/facts.ts';
import { type OpsCloud, openOpsCloud, runHere } from '../ops-cloud.ts';
import { copyBucket, tamperWith } from './copied-records.ts';

let ops: OpsCloud;
/** The records of two requests and the first checkpoint, as files. */
let copy: string;
let keys: string;
let one: string;
let two: string;
beforeAll(async () => {
  ops = await openOpsCloud();
  const first = (await ops.approve('emp_id=E301', 'role=devops')).request_id;
  const second = (await ops.approve('emp_id=E302', 'role=analyst')).request_id;
  [one, two] = first < second ? [first, second] : [second, first];
  keys = join(ops.folder, 'keys');
  copy = join(ops.folder, 'copy');
});
afterAll(() => ops.close());

const audit = (...args: string[]) => runHere(['audit', ...args]);
const onCloud = (...args: string[]) => ops.loop('audit', ...args);
const privateKey = () => join(keys, 'audit-private.pem');
const publicKey = () => join(keys, 'audit-public.pem');

describe('on a cloud', () => {
  test('verify finds no fault, and says that no checkpoint covers anything', async () => {
    expect(await onCloud('verify')).toEqual({
      code: 0,
      stderr: '',
      stdout: `2 requests, 12 records: no fault found
no checkpoint: requests that are gone as a whole would not be missed; "audit checkpoint" makes one
2 not yet covered by a checkpoint, so that a cut end would not be seen:
  ${one}
  ${two}
`,
    });
  });

  test('keygen makes a pair, the private one for its owner alone, and never overwrites one', async () => {
    const missing = await audit('keygen', '--out', keys);
    expect(missing.code).toBe(0);
    expect((await stat(privateKey())).mode & 0o777).toBe(0o600);
    const before = await readFile(privateKey(), 'utf8');
    const { code, stderr } = await audit('keygen', '--out', keys);
    expect([code, stderr]).toEqual([2, `error: ${privateKey()}: is there already, and a key is never overwritten\n`]);
    expect(await readFile(privateKey(), 'utf8')).toBe(before);
  });

  test('checkpoint signs what is new, once', async () => {
    const { code, stdout } = await onCloud('checkpoint', '--key', privateKey());
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^checkpoints\/000001\.json {2}sha256 [0-9a-f]{64}\n$/)]);
    expect(await onCloud('checkpoint', '--key', privateKey())).toEqual({
      code: 0,
      stderr: '',
      stdout: 'nothing is new since the last checkpoint; none was written\n',
    });
    const verified = await onCloud('verify', '--public-key', publicKey());
    expect(verified.stdout).toMatch(
      /^2 requests, 12 records: no fault found\n1 checkpoint, the newest of \S+ with hash [0-9a-f]{16}…; signatures checked\n$/,
    );
    await copyBucket(ops.records, copy);
  });

  test('verify of one request looks at that one alone', async () => {
    expect((await onCloud('verify', one)).stdout).toContain('1 request, 6 records: no fault found');
    expect((await onCloud('verify', '../x')).stderr).toContain(
      '"../x" is neither a request id nor the id of an approval',
    );
  });

  test('show has each record with hash, hash before, writer and time', async () => {
    const { code, stdout } = await onCloud('show', one.replace('dingtalk.', ''));
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual([one, expect.stringMatching(`^  1  accepted/${one}\\.json  \\d+ bytes$`)]);
    expect(lines[3]).toBe('     before none, it is the first');
    const hashes = (name: string) =>
      lines.flatMap((line) => new RegExp(`^ {5}${name} ([0-9a-f]{64})$`).exec(line)?.[1] ?? []);
    expect(hashes('sha256')).toHaveLength(6);
    expect(hashes('before')).toEqual(hashes('sha256').slice(0, 5));
    expect(stdout).toMatch(
      /^ {5}2\d{3}-\S+ {2}accepted by ingest\/\S+\n {5}onboarding emp_id=E30\d role=\w+, asked by 张三 \(zhangsan\)/m,
    );
  });

  test('show finds the request of which a message names the record', async () => {
    const digest = /^ {5}sha256 ([0-9a-f]{12})/m.exec((await onCloud('show', one)).stdout)?.[1] ?? '';
    expect((await onCloud('show', digest)).stdout.split('\n')[0]).toBe(one);
    expect(await onCloud('show', '000000000000')).toMatchObject({ code: 2, stdout: '' });
  });

  test('an unfinished request without its open marker is one whose end was cut off', async () => {
    const id = 'dingtalk.cut-1';
    await ops.write(id, { ...FACTS.accepted, request: { ...FACTS.accepted.request, request_id: id } });
    const { code, stdout } = await onCloud('verify', id);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^FAULT {2}OBJECT +WHAT\ncut {4}accepted\/dingtalk\.cut-1\.json {2}record 1 \(accepted\) is the last one, .* no open marker: /,
    );
    // Nothing is signed over it.
    const refused = await onCloud('checkpoint', '--key', privateKey());
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('nothing was signed\n')]);
    const marker = {
      request_id: id,
      platform: 'dingtalk' as const,
      instance_id: 'cut-1',
      code: 'PROC-1',
      received_at: Date.now(),
    };
    await ops.markers.put(marker);
    expect((await onCloud('verify', id)).stdout).toContain(`1 not at their end yet:\n  ${id}`);
  });
});

describe('audit export', () => {
  const HOSTILE = 'dingtalk.hostile-1';
  const cellsOf = (line: string) =>
    [...line.matchAll(/"((?:[^"]|"")*)"(?:,|\r?$)/g)].map(([, cell = '']) => cell.replaceAll('""', '"'));
  beforeAll(async () => {
    const { request } = FACTS.accepted;
    await ops.write(HOSTILE, {
      ...FACTS.accepted,
      request: {
        ...request,
        request_id: HOSTILE,
        requester: { id: '@sum', name: '=HYPERLINK("http://x","张三 🚀")' },
        approval: { ...request.approval, title: ' +1+1\u001b[2J', number: '-2' },
        parameters: { note: 'a "b"\nc' },
        retry: { of: 'dingtalk.hostile-0', by: '＝1', reason: '\u202e\t=cmd' },
      },
    });
  });

  test('--format csv has one line a request; no cell begins a formula, and 中文 and emoji stay', async () => {
    const { code, stdout } = await onCloud('export', '--format', 'csv');
    expect(code).toBe(0);
    const [head = '', ...lines] = stdout.slice(0, -2).split('\r\n');
    expect(head.startsWith('\ufeffrequest_id,workflow,action,')).toBe(true);
    expect(lines).toHaveLength(4);
    const names = head.slice(1).split(',');
    const hostile = cellsOf(lines.find((line) => line.includes(HOSTILE)) ?? '');
    expect(hostile).toHaveLength(names.length);
    const cell = (name: string) => hostile[names.indexOf(name)];
    expect(cell('requester')).toBe(`'=HYPERLINK("http://x","张三 🚀")`);
    expect(cell('requester_id')).toBe("'@sum");
    expect(cell('approval_title')).toBe("' +1+1");
    expect(cell('approval_number')).toBe("'-2");
    expect(cell('parameters')).toBe('note=a "b" c');
    expect(cell('retry_by')).toBe("'＝1");
    expect(cell('retry_reason')).toBe("' =cmd");
    expect(cell('status')).toBe('Open');
    for (const line of lines) for (const each of cellsOf(line)) expect(each).not.toMatch(/^\s*[=+@-]/);
  });

  test('--format jsonl has every value as it is, escaped where a terminal would act', async () => {
    const { stdout } = await onCloud('export', '--format', 'jsonl');
    const lines = stdout.trimEnd().split('\n');
    const rows = lines.map((line) => z.looseObject({ request_id: z.string() }).parse(JSON.parse(line)));
    expect(rows.map(({ request_id }) => request_id).sort()).toEqual([one, two, 'dingtalk.cut-1', HOSTILE].sort());
    expect(rows.find(({ request_id }) => request_id === HOSTILE)).toMatchObject({
      requester: '=HYPERLINK("http://x","张三 🚀")',
      retry_reason: '\u202e\t=cmd',
      chain: 'whole',
    });
    expect(stdout).not.toContain('\u202e');
    expect(rows.find(({ request_id }) => request_id === one)).toMatchObject({
      status: 'Success',
      requester: '张三',
      records: 6,
      instances: [{ status: 'Success', exit_code: 0 }],
    });
  });

  test('works on a copy, takes a period, and says which chain is broken', async () => {
    expect((await audit('export', '--format', 'jsonl', '--dir', copy, '--until', '2020-01-01')).stdout).toBe('');
    const t = await tamperWith(copy, join(ops.folder, 'broken'));
    await t.flip(`records/${one}/0003.json`, -20);
    const { stdout } = await audit('export', '--format', 'csv', '--no-bom', '--dir', t.folder);
    expect(stdout.split('\r\n').map((line) => /"(whole|broken)"/.exec(line)?.[1])).toEqual([
      undefined,
      'broken',
      'whole',
      undefined,
    ]);
  });

  test('needs a format', async () => {
    expect((await audit('export')).stderr).toContain("required option '--format <format>' not specified");
  });
});
