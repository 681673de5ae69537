import { createOutputBuffer } from '../../../local/cloud-assistant/output-buffer.ts';

const text = (size: number) =>
  Buffer.from(Array.from({ length: size }, (_, i) => String.fromCharCode(97 + (i % 26))).join(''));

function read(chunks: Buffer[]) {
  const output = createOutputBuffer();
  for (const chunk of chunks) output.add(chunk);
  return output.read();
}

test.each([0, 1, 6_000, 6_001, 24_576])('output of %i bytes is kept whole', (size) => {
  expect(read([text(size)])).toEqual({ kept: text(size), dropped: 0 });
});

test('longer output keeps its first 6,000 bytes and its end', () => {
  const all = text(30_000);
  const kept = Buffer.concat([all.subarray(0, 6_000), all.subarray(30_000 - 18_576)]);
  expect(read([all])).toEqual({ kept, dropped: 5_424 });
});

test('it does not matter in which pieces output comes', () => {
  const all = text(30_000);
  const pieces = Array.from({ length: 300 }, (_, i) => all.subarray(i * 100, (i + 1) * 100));
  expect(read(pieces)).toEqual(read([all]));
});
