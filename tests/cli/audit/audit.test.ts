import { readFile, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FACTS } from '../../shared/request/facts.ts';
import { type OpsCloud, openOpsCloud, runHere } from '../ops-cloud.ts';
import { copyBucket, type Tampering, tamperWith } from './copied-records.ts';

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

const faultSchema = z.object({
  kind: z.string(),
  object: z.string(),
  request_id: z.string().nullable(),
  record: z.number().nullable(),
  message: z.string(),
});
const verdictSchema = z.object({
  requests: z.number(),
  records: z.number(),
  faults: z.array(faultSchema),
  uncovered: z.array(z.string()),
  unfinished: z.array(z.string()),
  checkpoints: z.object({ count: z.number(), signatures_checked: z.boolean(), newest: z.unknown() }),
});

async function verdictOf(folder: string, ...args: string[]) {
  const { code, stdout } = await audit('verify', '--dir', folder, '--json', ...args);
  const verdict = verdictSchema.parse(JSON.parse(stdout));
  expect(code).toBe(verdict.faults.length > 0 ? 1 : 0);
  return verdict;
}

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

describe('verify --dir, without a cloud', () => {
  let count = 0;
  const record = (id: string, seq: number) => (seq === 1 ? `accepted/${id}.json` : `records/${id}/000${seq}.json`);
  const tampered = (): Promise<Tampering> => {
    count += 1;
    return tamperWith(copy, join(ops.folder, `tampered-${count}`));
  };

  test('the copy is whole, and its checkpoint signed', async () => {
    expect(await verdictOf(copy, '--public-key', publicKey())).toEqual({
      requests: 2,
      records: 12,
      faults: [],
      uncovered: [],
      unfinished: [],
      checkpoints: { count: 1, signatures_checked: true, newest: expect.objectContaining({ n: 1 }) },
    });
  });

  test('the folder of the embedded storage may be given as it is', async () => {
    const { directory, buckets } = ops.local.description;
    const { requests } = await verdictOf(join(directory, 'object-storage', 'objects', buckets.records));
    expect(requests).toBe(3);
  });

  const HASH = 'record 3 does not carry the hash that record 2 has';
  test.each<[string, (t: Tampering) => Promise<void>, object[]]>([
    [
      'one changed bit',
      (t) => t.flip(record(one, 2), -40),
      [{ kind: 'changed', object: () => record(one, 2), record: 2, message: HASH }],
    ],
    [
      'a changed bit in the last record',
      (t) => t.flip(record(one, 6), -10),
      [{ kind: 'changed', object: () => record(one, 6), record: 6 }],
    ],
    [
      'a missing record',
      (t) => t.remove(record(one, 3)),
      [{ kind: 'missing', object: () => record(one, 3), record: 3 }],
    ],
    [
      'a missing first record',
      (t) => t.remove(record(one, 1)),
      [{ kind: 'missing', object: () => record(one, 1), record: 1 }],
    ],
    [
      'a cut tail',
      async (t) => {
        await t.remove(record(two, 6));
        await t.remove(record(two, 5));
      },
      [
        {
          kind: 'cut',
          object: () => record(two, 4),
          record: 5,
          message: 'the records after 4 are gone; a checkpoint has 6 of them',
        },
      ],
    ],
    [
      'two records in each other’s place',
      (t) => t.swap(record(one, 3), record(one, 4)),
      [
        { kind: 'swapped', object: () => record(one, 3), record: 3 },
        { kind: 'swapped', object: () => record(one, 4), record: 4 },
      ],
    ],
    [
      'records of two requests in each other’s place',
      (t) => t.swap(record(one, 5), record(two, 5)),
      [
        { kind: 'swapped', object: () => record(one, 5), record: 5 },
        { kind: 'swapped', object: () => record(two, 5), record: 5 },
      ],
    ],
    [
      'a request that is gone',
      async (t) => {
        await t.remove(record(one, 1));
        await t.remove(`records/${one}`);
      },
      [{ kind: 'lost', object: () => record(one, 1), record: 1 }],
    ],
    [
      'an object of somebody else',
      (t) => t.put('records/notes.txt', 'x'),
      [{ kind: 'foreign', object: () => 'records/notes.txt', record: null }],
    ],
    [
      'an object with a name that acts',
      (t) => t.put('records/\u001b[2J.json', 'x'),
      [{ kind: 'foreign', object: () => 'records/\u001b[2J.json' }],
    ],
    [
      'an eleventh-hour record',
      (t) => t.put(`records/${one}/7.json`, '{}'),
      [{ kind: 'foreign', object: () => `records/${one}/7.json` }],
    ],
    [
      'a record that is none',
      (t) => t.put(record(one, 7), '{"v":1}'),
      [{ kind: 'unreadable', object: () => record(one, 7), record: 7 }],
    ],
    [
      'a link',
      (t) => symlink('/etc/passwd', join(t.folder, record(one, 7))),
      [{ kind: 'foreign', object: () => `${record(one, 7)} (no file)` }],
    ],
    [
      'an empty record',
      (t) => t.put(record(two, 2), ''),
      [{ kind: 'unreadable', object: () => record(two, 2), record: 2 }],
    ],
  ])('%s is a fault that names object and record, exit code 1', async (_what, tamper, expected) => {
    const t = await tampered();
    await tamper(t);
    const { faults } = await verdictOf(t.folder, '--public-key', publicKey());
    const wanted = expected.map((fault) =>
      Object.fromEntries(
        Object.entries(fault).map(([name, value]) => [name, typeof value === 'function' ? value() : value]),
      ),
    );
    expect(faults).toMatchObject(wanted);
    expect(faults).toHaveLength(wanted.length);
  });

  test('a last record that was rewritten well is found by its checkpoint alone', async () => {
    const t = await tampered();
    const text = await t.text(record(one, 6));
    await t.put(record(one, 6), text.replace(/"at":"2\d{3}/, '"at":"2020'));
    const { faults } = await verdictOf(t.folder);
    expect(faults).toMatchObject([
      {
        kind: 'changed',
        object: record(one, 6),
        record: 6,
        message: 'record 6 has another hash than a checkpoint has of it',
      },
    ]);
    await t.remove('checkpoints');
    expect((await verdictOf(t.folder)).faults).toEqual([]);
    expect((await verdictOf(t.folder)).uncovered).toEqual([one, two]);
  });

  test.each<[string, (text: string) => string, string]>([
    ['whose list was changed', (text) => text.replace('"records":6', '"records":5'), 'its signature is wrong'],
    [
      'with something beside what is signed',
      (text) => text.replace('{"body"', '{ "body"'),
      'it is not written as it was signed',
    ],
    ['that is none', () => 'null', 'it is no checkpoint'],
    ['of another key', (text) => text.replace(/"key":"[0-9a-f]{4}/, '"key":"0000'), 'it is signed with another key'],
    ['in another place', (text) => text.replace('"n":1', '"n":2'), 'its signature is wrong'],
  ])('a checkpoint %s is a fault', async (_what, change, message) => {
    const t = await tampered();
    await t.put('checkpoints/000001.json', change(await t.text('checkpoints/000001.json')));
    const { faults } = await verdictOf(t.folder, '--public-key', publicKey());
    expect(faults[0]).toMatchObject({
      kind: 'checkpoint',
      object: 'checkpoints/000001.json',
      message: expect.stringContaining(message),
    });
  });

  test('a checkpoint that is missing between others is a fault, and what is new goes into the next', async () => {
    const t = await tampered();
    const out = `${t.folder}-checkpoints`;
    const sign = () => audit('checkpoint', '--dir', t.folder, '--out', out, '--key', privateKey(), '--json');
    await t.remove(record(two, 6));
    await t.remove('checkpoints');
    expect(JSON.parse((await sign()).stdout)).toMatchObject({
      requests: 2,
      written: [{ key: 'checkpoints/000001.json' }],
    });
    await t.put(record(two, 6), await readFile(join(copy, record(two, 6)), 'utf8'));
    expect(JSON.parse((await sign()).stdout)).toMatchObject({
      requests: 1,
      written: [{ key: 'checkpoints/000002.json' }],
    });
    const args = ['--checkpoints', out, '--public-key', publicKey()];
    expect(await verdictOf(t.folder, ...args)).toMatchObject({ faults: [], uncovered: [], checkpoints: { count: 2 } });
    await rm(join(out, 'checkpoints/000001.json'));
    expect((await verdictOf(t.folder, ...args)).faults[0]).toMatchObject({
      kind: 'checkpoint',
      message: 'checkpoint 1 is missing before it',
    });
  });

  test('--since and --until choose by the first record', async () => {
    expect((await verdictOf(copy, '--until', '2020-01-01')).requests).toBe(0);
    expect((await verdictOf(copy, '--since', '2020-01-01', '--until', '2999-12-31')).requests).toBe(2);
    const { code, stderr } = await audit('verify', '--dir', copy, '--since', 'shine');
    expect([code, stderr]).toEqual([
      2,
      'error: --since takes a date such as 2026-11-24, or a time such as 2026-11-24T08:00:00Z\n',
    ]);
  });

  test('for people each fault is a line without control characters', async () => {
    const t = await tampered();
    await t.put('records/\u001b[2J\u009bx.json', 'x');
    const { code, stdout } = await audit('verify', '--dir', t.folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^FAULT {4}OBJECT +WHAT\nforeign {2}records\/\S*\.json {2}no record has such a name\n\n2 requests, 12 records: 1 fault\n/,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test.each([
    ['a folder that is not there', ['verify', '--dir', '/nowhere'], '/nowhere is not a folder'],
    ['a key that is none', ['verify', '--dir', '.', '--public-key', 'README.md'], 'README.md is no Ed25519 key in PEM'],
    [
      'a private key that is not there',
      ['checkpoint', '--dir', '.', '--key', '/nowhere'],
      '/nowhere is no Ed25519 key in PEM',
    ],
  ])('%s is wrong usage', async (_what, args, message) => {
    const { code, stderr } = await audit(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
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
