import { createHash } from 'node:crypto';
import { isObjectKey } from '../../shared/journal/object-store.ts';
import type { Bucket } from './buckets.ts';
import { headerOf, type OssCall, type PerformOperation, requireBucket } from './call.ts';
import { invalidArgument, notImplemented, OssError } from './oss-error.ts';
import { refuseIfRetained } from './retention.ts';

/** Headers that would change what is done or kept: refused rather than passed over. */
const UNSUPPORTED_HEADERS = /^(range|if-.*|x-oss-(copy-source.*|meta-.*|tagging|callback.*|symlink.*|object-acl))$/;

export const putObject: PerformOperation = async (call) => {
  const { bucket, key } = readTarget(call);
  const { body } = call.request;
  const forbidOverwrite = readForbidOverwrite(call);
  checkDigest(call, body);
  const exclusive = forbidOverwrite && bucket.settings.versioning === undefined;
  await (exclusive ? create(bucket, key, body) : overwrite(bucket, key, body, call.now));
  return { status: 200, headers: { etag: etagOf(body), 'content-md5': md5(body).toString('base64') } };
};

/** Also HeadObject: the server sends the headers alone. */
export const getObject: PerformOperation = async (call) => {
  const { bucket, key } = readTarget(call);
  const [body, found] = await Promise.all([bucket.objects.get(key), bucket.objects.stat(key)]);
  if (!body || !found) throw new OssError(404, 'NoSuchKey', 'The specified key does not exist.', '0026-00000001');
  return {
    status: 200,
    headers: {
      'content-type': key.endsWith('.json') ? 'application/json' : 'application/octet-stream',
      'content-md5': md5(body).toString('base64'),
      etag: etagOf(body),
      'last-modified': new Date(found.modifiedAt).toUTCString(),
      'x-oss-object-type': 'Normal',
      'x-oss-storage-class': 'Standard',
    },
    body,
  };
};

/** A missing key is no error. */
export const deleteObject: PerformOperation = async (call) => {
  const { bucket, key } = readTarget(call);
  const found = await bucket.objects.stat(key);
  if (found) refuseIfRetained(bucket.settings, found.modifiedAt, call.now);
  await bucket.objects.delete(key);
  return { status: 204 };
};

/** As OSS makes it of a simple upload: the MD5 of the bytes in upper case. */
export function etagOf(body: Buffer): string {
  return `"${md5(body).toString('hex').toUpperCase()}"`;
}

async function create({ objects }: Bucket, key: string, body: Buffer): Promise<void> {
  if ((await objects.createIfAbsent(key, body)) === 'created') return;
  const message = 'The object you specified already exists and can not be overwritten.';
  throw new OssError(409, 'FileAlreadyExists', message, '0026-00000002');
}

async function overwrite({ objects, settings }: Bucket, key: string, body: Buffer, now: number): Promise<void> {
  if ((await objects.createIfAbsent(key, body)) === 'created') return;
  const found = await objects.stat(key);
  if (found) refuseIfRetained(settings, found.modifiedAt, now);
  await objects.replace(key, body);
}

function readTarget(call: OssCall): { bucket: Bucket; key: string } {
  const bucket = requireBucket(call);
  const unsupported = Object.keys(call.request.headers).find((name) => UNSUPPORTED_HEADERS.test(name));
  if (unsupported) throw notImplemented(`The header ${unsupported}`);
  const { key } = call.target;
  if (isObjectKey(key)) return { bucket, key };
  throw new OssError(400, 'InvalidObjectName', 'The specified object is not valid.');
}

function readForbidOverwrite(call: OssCall): boolean {
  const value = headerOf(call, 'x-oss-forbid-overwrite') ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalidArgument('x-oss-forbid-overwrite must be true or false.', '0017-00000279');
}

function checkDigest(call: OssCall, body: Buffer): void {
  const claimed = headerOf(call, 'content-md5');
  if (claimed === undefined || claimed === md5(body).toString('base64')) return;
  throw new OssError(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.');
}

function md5(body: Buffer): Buffer {
  return createHash('md5').update(body).digest();
}
