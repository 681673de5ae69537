import type { RecordCollection } from './record-collection.ts';
import type { InstanceRun } from './records.ts';
import { isFinal } from './status.ts';

/** Source: DescribeInvocations in SDK 7.11.6 ("30 days and 10,000 records"). */
const MAX_AGE_MS = 30 * 86_400_000;
const MAX_RECORDS = 10_000;

interface Finishing {
  creationTime: number;
  runs: InstanceRun[];
}

/** Removes ended records that are too old or too many. */
export async function retain<T extends Finishing>(records: RecordCollection<T>, now: number): Promise<void> {
  const surplus = records.newestFirst().filter((record, index) => {
    const expired = index >= MAX_RECORDS || record.creationTime < now - MAX_AGE_MS;
    return expired && record.runs.every((run) => isFinal(run.status));
  });
  await Promise.all(surplus.map((record) => records.remove(record)));
}
