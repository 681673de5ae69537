import type { DirectoryStore } from '../../shared/journal/directory-store.ts';
import { type PerformOperation, requireBucket } from './call.ts';
import { etagOf } from './object-operations.ts';
import { invalidArgument } from './oss-error.ts';
import { renderOwner } from './render-owner.ts';
import { type XmlNode, xmlResponse } from './render-xml.ts';

interface Listing {
  prefix: string;
  delimiter: string;
  startAfter: string;
  continuationToken: string | null;
  maxKeys: number;
  encodeKeys: boolean;
  fetchOwner: boolean;
}

const MAX_PARAMETER_BYTES = 1_023;
/** Sorts after every character of a key, so `<common prefix>~` comes after all keys with that prefix. */
const AFTER_ALL = '~';

/** ListObjectsV2: https://help.aliyun.com/en/oss/developer-reference/listobjectsv2 */
export const listObjects: PerformOperation = async (call) => {
  const { name, objects, settings } = requireBucket(call);
  const listing = readListing(call.request.query);
  const { keys, prefixes, next } = await collect(objects, listing);
  const encode = (text: string) => (listing.encodeKeys ? encodeURIComponent(text) : text);
  const contents: XmlNode[] = [];
  for (const key of keys) {
    const details = await describeObject(objects, key);
    if (!details) continue;
    const owner = listing.fetchOwner ? [renderOwner(call.accountId)] : [];
    contents.push(['Contents', [['Key', encode(key)], ...details, ['StorageClass', settings.storageClass], ...owner]]);
  }
  return xmlResponse([
    'ListBucketResult',
    [
      ['Name', name],
      ...echoListing(listing, encode),
      ['IsTruncated', next !== undefined],
      ...(next === undefined ? [] : [['NextContinuationToken', encodeToken(next)] as const]),
      ['KeyCount', contents.length + prefixes.length],
      ...contents,
      ...prefixes.map((prefix) => ['CommonPrefixes', [['Prefix', encode(prefix)]]] as const),
    ],
  ]);
};

/** Undefined if the object has been deleted meanwhile. */
async function describeObject(objects: DirectoryStore, key: string): Promise<XmlNode[] | undefined> {
  const [body, found] = await Promise.all([objects.get(key), objects.stat(key)]);
  if (!body || !found) return undefined;
  return [
    ['LastModified', new Date(found.modifiedAt).toISOString()],
    ['ETag', etagOf(body)],
    ['Type', 'Normal'],
    ['Size', body.length],
  ];
}

function echoListing(listing: Listing, encode: (text: string) => string): XmlNode[] {
  return [
    ['Prefix', encode(listing.prefix)],
    ['StartAfter', encode(listing.startAfter)],
    ['MaxKeys', listing.maxKeys],
    ['Delimiter', encode(listing.delimiter)],
    ...(listing.encodeKeys ? [['EncodingType', 'url'] as const] : []),
    ...(listing.continuationToken ? [['ContinuationToken', listing.continuationToken] as const] : []),
  ];
}

/** One page: what lies between `prefix` and the next `delimiter` counts as one entry. */
async function collect(objects: DirectoryStore, listing: Listing) {
  const { prefix, delimiter, continuationToken, maxKeys } = listing;
  const after = continuationToken === null ? listing.startAfter : decodeToken(continuationToken);
  const limit = delimiter === '' ? maxKeys + 1 : Number.POSITIVE_INFINITY;
  const entries = new Map<string, 'key' | 'prefix'>();
  for (const key of await objects.list(prefix, { after, limit })) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) entries.set(key, 'key');
    else entries.set(key.slice(0, end + delimiter.length), 'prefix');
    if (entries.size > maxKeys) break;
  }
  const page = [...entries].slice(0, maxKeys);
  const [last, kind] = page.at(-1) ?? [];
  return {
    keys: page.filter(([, kind]) => kind === 'key').map(([key]) => key),
    prefixes: page.filter(([, kind]) => kind === 'prefix').map(([common]) => common),
    next: entries.size > maxKeys ? `${last}${kind === 'prefix' ? AFTER_ALL : ''}` : undefined,
  };
}

function readListing(query: URLSearchParams): Listing {
  const text = (name: string) => {
    const value = query.get(name) ?? '';
    if (Buffer.byteLength(value) > MAX_PARAMETER_BYTES) throw invalidArgument(`The length of ${name} is invalid.`);
    return value;
  };
  const maxKeys = Number(query.get('max-keys') ?? '100');
  if (query.get('list-type') !== '2') throw invalidArgument('list-type must be 2.');
  if (!(Number.isInteger(maxKeys) && maxKeys >= 1 && maxKeys <= 1_000)) {
    throw invalidArgument('max-keys must be a number from 1 to 1000.');
  }
  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url') throw invalidArgument('encoding-type must be url.');
  return {
    prefix: text('prefix'),
    delimiter: text('delimiter'),
    startAfter: text('start-after'),
    continuationToken: query.get('continuation-token'),
    maxKeys,
    encodeKeys: encoding === 'url',
    fetchOwner: query.get('fetch-owner') === 'true',
  };
}

function encodeToken(after: string): string {
  return Buffer.from(after).toString('base64');
}

function decodeToken(token: string): string {
  const after = Buffer.from(token, 'base64').toString();
  if (token === '' || encodeToken(after) !== token) throw invalidArgument('The continuation token is invalid.');
  return after;
}
