import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { createDirectoryStore } from '../../../shared/journal/directory-store.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createAliOss } from '../../local/object-storage/create-ali-oss.ts';
import { makeFolder, ROOT, startObjectStorage } from '../../local/object-storage/start-object-storage.ts';

interface OpenStore {
  store: ObjectStore;
  close(): Promise<void>;
}

async function openDirectory(): Promise<OpenStore> {
  const folder = await makeFolder();
  return { store: createDirectoryStore(join(folder, 'journal')), close: () => rm(folder, { recursive: true }) };
}

async function openOss(): Promise<OpenStore> {
  const server = await startObjectStorage();
  await createAliOss({ ...ROOT, endpoint: server.origin, region: 'oss-cn-hangzhou' }).putBucket('journal');
  return { store: server.ossStore('journal'), close: () => server.stop() };
}

const BODY = Buffer.from('{"名":"中文 🚀"}');

describe.each([
  ['a directory', openDirectory],
  ['object storage', openOss],
])('a store on %s', (_, open) => {
  let opened: OpenStore;
  let store: ObjectStore;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.close());

  test('gives back the bytes that were stored first and keeps them when a second writer comes', async () => {
    expect(await store.createIfAbsent('records/x/1.json', BODY)).toBe('created');
    expect(await store.createIfAbsent('records/x/1.json', Buffer.from('other'))).toBe('exists');
    expect((await store.get('records/x/1.json'))?.equals(BODY)).toBe(true);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['half a megabyte', Buffer.alloc(512 * 1024, 'é')],
  ])('keeps %s byte for byte', async (_, body) => {
    await store.createIfAbsent('some/bytes', body);
    expect((await store.get('some/bytes'))?.equals(body)).toBe(true);
  });

  test('has nothing under a missing key and deletes it without an error', async () => {
    expect(await store.get('no/such/key')).toBeUndefined();
    await expect(store.delete('no/such/key')).resolves.toBeUndefined();
    expect(await store.list('no/')).toEqual([]);
  });

  test('lets a deleted key be created again', async () => {
    await store.createIfAbsent('lease/a', BODY);
    await store.delete('lease/a');
    expect(await store.get('lease/a')).toBeUndefined();
    expect(await store.list('')).toEqual([]);
    expect(await store.createIfAbsent('lease/a', BODY)).toBe('created');
  });

  test('has one winner among many who create the same key at once', async () => {
    const bodies = Array.from({ length: 24 }, (_, writer) => Buffer.from(`writer ${writer}`));
    const outcomes = await Promise.all(bodies.map((body) => store.createIfAbsent('race/one', body)));
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(await store.get('race/one')).toEqual(bodies[outcomes.indexOf('created')]);
  });

  test('never fails a create because the folder around it is being emptied', async () => {
    const churn = async (writer: number) => {
      for (let round = 0; round < 25; round += 1) {
        expect(await store.createIfAbsent(`open/deep/${writer}`, BODY)).toBe('created');
        await store.delete(`open/deep/${writer}`);
      }
    };
    await Promise.all([0, 1, 2, 3].map(churn));
    expect(await store.list('')).toEqual([]);
  });

  describe('lists', () => {
    const KEYS = [
      'a',
      'a-b',
      'a.b',
      'a/b',
      'a/b/c',
      'a/b0',
      'a/c',
      'a0',
      'aB/c',
      'b/1',
      'b/10',
      'b/2',
      'c/d/e/f/g/h/i/j',
    ];
    beforeEach(async () => {
      for (const key of [...KEYS].reverse()) await store.createIfAbsent(key, BODY);
    });

    test.each([
      ['everything in byte order', '', {}, KEYS],
      ['a folder', 'a/', {}, ['a/b', 'a/b/c', 'a/b0', 'a/c']],
      ['a prefix that ends inside a name', 'a/b', {}, ['a/b', 'a/b/c', 'a/b0']],
      ['one key', 'b/10', {}, ['b/10']],
      ['a prefix of a folder name', 'aB', {}, ['aB/c']],
      ['a deep folder', 'c/d/e/', {}, ['c/d/e/f/g/h/i/j']],
      ['what comes after a key', '', { after: 'a/c' }, ['a0', 'aB/c', 'b/1', 'b/10', 'b/2', 'c/d/e/f/g/h/i/j']],
      ['what comes after a name that is no key', 'b/', { after: 'b/1a' }, ['b/2']],
      ['from the start when after lies before the prefix', 'b/', { after: 'a' }, ['b/1', 'b/10', 'b/2']],
      ['nothing when after lies behind the prefix', 'a/', { after: 'b' }, []],
      ['at most so many', '', { limit: 3 }, ['a', 'a-b', 'a.b']],
      ['at most so many after a key', 'a', { after: 'a-b', limit: 2 }, ['a.b', 'a/b']],
      ['nothing for a limit of 0', '', { limit: 0 }, []],
      ['nothing for a prefix no key has', 'z', {}, []],
      ['nothing for a prefix that leaves the store', '../', {}, []],
      ['nothing for a prefix of other letters', '中文/🚀', {}, []],
    ])('%s', async (_, prefix, options, expected) => {
      expect(await store.list(prefix, options)).toEqual(expected);
    });
  });

  test.each([
    ['', 'is empty'],
    ['/a', 'begins with a slash'],
    ['a/', 'ends in a slash'],
    ['a//b', 'has an empty segment'],
    ['../a', 'climbs'],
    ['a/../b', 'climbs inside'],
    ['.hidden', 'begins with a dot'],
    ['a+b', 'has a sign that keys have not'],
    ['中文', 'has other letters'],
    ['a/b/c/d/e/f/g/h/i', 'has nine segments'],
    ['x'.repeat(129), 'has a segment of 129 characters'],
  ])('refuses the key %j, which %s', async (key) => {
    await expect(store.createIfAbsent(key, BODY)).rejects.toThrow(TypeError);
    await expect(store.get(key)).rejects.toThrow(TypeError);
    await expect(store.delete(key)).rejects.toThrow(TypeError);
  });
});

test('a store on object storage goes on from page to page up to the limit', async () => {
  const server = await startObjectStorage();
  await createAliOss({ ...ROOT, endpoint: server.origin, region: 'oss-cn-hangzhou' }).putBucket('journal');
  const direct = server.storage.store('journal');
  const keys = Array.from({ length: 1_005 }, (_, number) => `k/${String(number).padStart(4, '0')}`);
  for (let at = 0; at < keys.length; at += 67) {
    await Promise.all(keys.slice(at, at + 67).map((key) => direct.createIfAbsent(key, BODY)));
  }
  const store = server.ossStore('journal');
  expect(await store.list('k/')).toEqual(keys.slice(0, 1_000));
  expect(await store.list('k/', { limit: 1_003 })).toEqual(keys.slice(0, 1_003));
  expect(await store.list('k/', { limit: 9_999 })).toEqual(keys);
  await server.stop();
});

describe('a store on a directory', () => {
  let folder: string;
  let store: ObjectStore;
  beforeEach(async () => {
    folder = await makeFolder();
    store = createDirectoryStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('does not see what a killed process left behind, nor files that are none of its own', async () => {
    await store.createIfAbsent('a/b', BODY);
    await writeFile(join(folder, '.staging', 'left-over'), 'half');
    await writeFile(join(folder, '.DS_Store'), '');
    await writeFile(join(folder, '中文'), '');
    await mkdir(join(folder, 'unmarked'));
    expect(await store.list('')).toEqual(['a/b']);
  });

  test('leaves no staging file and no empty folder', async () => {
    await store.createIfAbsent('a/b/c', BODY);
    await store.createIfAbsent('a/b/c', BODY);
    await store.delete('a/b/c');
    expect(await readdir(folder, { recursive: true })).toEqual(['.staging']);
  });

  test('has one winner a key among processes', async () => {
    const workers = await startWorkers(folder, 4);
    const keys = Array.from({ length: 25 }, (_, number) => `race/${number}`);
    const wins = await Promise.all(workers.map((worker) => askWorker(worker, keys)));
    expect(wins.flat().sort()).toEqual([...keys].sort());
    for (const key of keys) {
      const winner = wins.findIndex((won) => won.includes(key));
      expect((await store.get(key))?.subarray(0, 8).toString()).toBe(`writer ${winner}`);
    }
    await stopWorkers(workers, 'SIGTERM');
  });

  test('shows only whole objects after a writer was killed', async () => {
    const workers = await startWorkers(folder, 2);
    const keys = Array.from({ length: 400 }, (_, number) => `cut/${number}`);
    for (const worker of workers) worker.send(keys);
    for (let tries = 0; (await store.list('cut/')).length < 5 && tries < 1_000; tries += 1);
    await stopWorkers(workers, 'SIGKILL');
    const listed = await store.list('cut/');
    expect(listed.length).toBeGreaterThanOrEqual(5);
    for (const key of listed) expect((await store.get(key))?.length).toBe(64 * 1024);
    expect(await store.createIfAbsent('cut/after', BODY)).toBe('created');
  });
});

const WORKER = `
const { createDirectoryStore } = require('./directory-store.cjs');
const [folder, number] = process.argv.slice(2);
const store = createDirectoryStore(folder);
process.on('message', async (keys) => {
  const won = [];
  for (const key of keys) {
    const body = Buffer.alloc(64 * 1024, \`writer \${number} \`);
    if ((await store.createIfAbsent(key, body)) === 'created') won.push(key);
  }
  process.send(won);
});
process.send('ready');
`;

async function startWorkers(folder: string, count: number): Promise<ChildProcess[]> {
  const bundle = join(folder, '.worker');
  buildSync({
    entryPoints: [join(__dirname, '../../../shared/journal/directory-store.ts')],
    outfile: join(bundle, 'directory-store.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
  await writeFile(join(bundle, 'worker.cjs'), WORKER);
  const workers = Array.from({ length: count }, (_, number) =>
    fork(join(bundle, 'worker.cjs'), [folder, String(number)]),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return workers;
}

async function askWorker(worker: ChildProcess, keys: string[]): Promise<string[]> {
  const answer = once(worker, 'message');
  worker.send(keys);
  const [won] = await answer;
  return won;
}

async function stopWorkers(workers: ChildProcess[], signal: NodeJS.Signals): Promise<void> {
  const exits = workers.map((worker) => once(worker, 'exit'));
  for (const worker of workers) worker.kill(signal);
  await Promise.all(exits);
}
