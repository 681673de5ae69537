import { readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
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
  await audit('keygen', '--out', keys);
  expect((await ops.loop('audit', 'checkpoint', '--key', privateKey())).code).toBe(0);
  await copyBucket(ops.records, copy);
});
afterAll(() => ops.close());

const audit = (...args: string[]) => runHere(['audit', ...args]);
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
    expect(requests).toBe(2);
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
      'an origin of no request',
      (t) => t.put(`origins/${one}.retry-1.json`, '{}'),
      [{ kind: 'foreign', object: () => `origins/${one}.retry-1.json` }],
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

  test('a folder beside the records does not hide what was changed in them', async () => {
    const t = await tampered();
    const good = await t.text(record(one, 2));
    await t.put(record(one, 2).replace('records/', 'records+/'), good);
    await t.flip(record(one, 2), -40);
    const { faults } = await verdictOf(t.folder);
    expect(faults.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
      `foreign records+/${one}/0002.json`,
      `changed ${record(one, 2)}`,
    ]);
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
