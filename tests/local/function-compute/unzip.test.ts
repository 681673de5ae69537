import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc64 } from '../../../local/function-compute/crc64.ts';
import { unzip } from '../../../local/function-compute/unzip.ts';
import { zip as pack } from '../../../local/function-compute/zip.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unzip-'));
});
afterEach(() => rm(folder, { recursive: true }));

const fixture = () => readFile(join(__dirname, 'fixtures/code.zip'));

test('unpacks stored and deflated entries', async () => {
  await unzip(await fixture(), folder);
  expect(await readFile(join(folder, 'texts/消息.txt'), 'utf8')).toBe('早上好 👋');
  expect(await readFile(join(folder, 'index.js'), 'utf8')).toContain('exports.handler');
});

test('what is packed comes out again', async () => {
  const files = { 'index.js': 'exports.a = 1', 'texts/消息 🙂.txt': '早上好 👋', empty: '' };
  const list = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
  await unzip(pack(list), folder);
  for (const [name, text] of Object.entries(files)) expect(await readFile(join(folder, name), 'utf8')).toBe(text);
});

test.each([
  ['what is no zip', (_zip: Buffer) => Buffer.from('not a zip'), /not a zip file/],
  ['a path that leads out', (zip: Buffer) => replace(zip, 'index.js', '../ab.js'), /leads out/],
  ['an absolute path', (zip: Buffer) => replace(zip, 'index.js', '/x/ab.js'), /leads out/],
  ['a damaged entry', (zip: Buffer) => zip.fill(0xff, 60, 120), /./],
  ['a cut file', (zip: Buffer) => zip.subarray(300), /./],
])('refuses %s', async (_name, damage, message) => {
  await expect(unzip(damage(await fixture()), folder)).rejects.toThrow(message);
});

test.each([
  ['123456789', '11051210869376104954'],
  ['', '0'],
])('the checksum of "%s" is the one of OSS', (text, checksum) => {
  expect(crc64(Buffer.from(text))).toBe(checksum);
});

function replace(zip: Buffer, from: string, to: string): Buffer {
  return Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1');
}
