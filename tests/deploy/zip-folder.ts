import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** A zip of the files directly in a folder, stored as they are; the same files give the same bytes. */
export async function zipFolder(folder: string): Promise<Buffer> {
  const names = (await readdir(folder)).sort();
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    const offset = locals.reduce((sum, part) => sum + part.length, 0);
    const fields = commonFields(name, bytes);
    locals.push(Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), bytes]));
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, place, Buffer.from(name)]));
  }
  const [files, directory] = [Buffer.concat(locals), Buffer.concat(central)];
  const end = Buffer.alloc(18);
  for (const at of [4, 6]) end.writeUInt16LE(names.length, at);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(files.length, 12);
  return Buffer.concat([files, directory, Buffer.from('PK\x05\x06'), end]);
}

/** Version, flags, method, time, checksum, sizes and lengths, which both headers of a file have. */
function commonFields(name: string, bytes: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt32LE(crc32(bytes), 10);
  for (const at of [14, 18]) fields.writeUInt32LE(bytes.length, at);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  return fields;
}
