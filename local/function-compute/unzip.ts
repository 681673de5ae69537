import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const MAX_UNPACKED_BYTES = 500 * 1024 * 1024;

/** Unpacks a zip (stored and deflated entries) below `directory`; throws for anything else or for a path that leads out. */
export async function unzip(zip: Buffer, directory: string): Promise<void> {
  let left = MAX_UNPACKED_BYTES;
  for (const entry of listEntries(zip)) {
    const path = safePath(entry.name);
    if (path.endsWith(sep)) continue;
    const bytes = entryBytes(zip, entry, left);
    left -= bytes.length;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), bytes);
  }
}

interface ZipEntry {
  name: string;
  method: number;
  packedBytes: number;
  headerAt: number;
}

function* listEntries(zip: Buffer): Generator<ZipEntry> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || zip.readUInt32LE(end) !== END_SIGNATURE) throw new Error('the code package is not a zip file');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error('the directory of the zip file is damaged');
    const nameBytes = zip.readUInt16LE(at + 28);
    yield {
      name: zip.toString('utf8', at + 46, at + 46 + nameBytes),
      method: zip.readUInt16LE(at + 10),
      packedBytes: zip.readUInt32LE(at + 20),
      headerAt: zip.readUInt32LE(at + 42),
    };
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

function entryBytes(zip: Buffer, entry: ZipEntry, maxBytes: number): Buffer {
  const start = entry.headerAt + 30 + zip.readUInt16LE(entry.headerAt + 26) + zip.readUInt16LE(entry.headerAt + 28);
  const packed = zip.subarray(start, start + entry.packedBytes);
  if (entry.method === STORED && packed.length <= maxBytes) return packed;
  if (entry.method === DEFLATED) return inflateRawSync(packed, { maxOutputLength: Math.max(1, maxBytes) });
  throw new Error(`'${entry.name}' in the zip file is too large or packed with an unsupported method`);
}

function safePath(name: string): string {
  const path = normalize(name);
  if (path.startsWith('..') || path.startsWith(sep) || name.includes('\0')) {
    throw new Error(`'${name}' in the zip file leads out of the code folder`);
  }
  return path;
}
