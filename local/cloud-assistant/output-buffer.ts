/** The agent's quota (24 KB) and how much of it is kept from the beginning (agent 2.2.3.857 and later). */
const QUOTA_BYTES = 24 * 1024;
const HEAD_BYTES = 6_000;

/** Output of a run: all of it up to 24 KB, else its first 6,000 bytes and as much of its end as fits. */
export interface OutputBuffer {
  add(chunk: Buffer): void;
  /** What is kept so far, and how many bytes were dropped between the two parts. */
  read(): { kept: Buffer; dropped: number };
}

export function createOutputBuffer(): OutputBuffer {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let total = 0;
  return {
    add(chunk) {
      const room = HEAD_BYTES - head.length;
      head = Buffer.concat([head, chunk.subarray(0, room)]);
      tail = Buffer.concat([tail, chunk.subarray(room)]);
      tail = tail.subarray(Math.max(0, tail.length - (QUOTA_BYTES - HEAD_BYTES)));
      total += chunk.length;
    },
    read: () => ({ kept: Buffer.concat([head, tail]), dropped: total - head.length - tail.length }),
  };
}
