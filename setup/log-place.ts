import { createHash } from 'node:crypto';

/** Where the lines of an account's functions are in Simple Log Service. */
export interface LogPlace {
  region: string;
  project: string;
  logstore: string;
}

/**
 * What the tool's component makes for `logConfig: auto`: a project for each account and region, and one logstore for all
 * functions (devsapp/fc3 0.1.22, `src/resources/sls/index.ts` and `src/default/resources.ts`).
 */
export function logPlaceOf({ region, accountId }: { region: string; accountId: string }): LogPlace {
  const project = `serverless-${region}-${uuidOf(accountId)}`.slice(0, 63);
  return { region, project, logstore: 'default-logs' };
}

/** A UUID of version 5 without a namespace, as the package `uuid-by-string` makes it for the component. */
function uuidOf(text: string): string {
  const bytes = createHash('sha1').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
