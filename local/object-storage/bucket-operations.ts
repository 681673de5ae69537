import { childText } from '../../shared/journal/parse-xml.ts';
import {
  ACLS,
  type BucketSettings,
  ENCRYPTION_ALGORITHMS,
  isBucketName,
  REDUNDANCY_TYPES,
  STORAGE_CLASSES,
  VERSIONING_STATES,
} from './buckets.ts';
import { headerOf, type OssCall, type PerformOperation, requireBucket } from './call.ts';
import { invalidArgument, OssError } from './oss-error.ts';
import { readChoice, readXmlBody } from './read-xml-body.ts';
import { renderOwner } from './render-owner.ts';
import { type XmlNode, xmlResponse } from './render-xml.ts';
import { wormInForce } from './retention.ts';

/** Per account: https://help.aliyun.com/en/oss/product-overview/limits */
const MAX_BUCKETS = 100;

/** Making one's own bucket again is no error and may change its ACL; its class and redundancy cannot change. */
export const putBucket: PerformOperation = async (call) => {
  const { buckets, target, now } = call;
  if (!isBucketName(target.bucket)) {
    throw new OssError(400, 'InvalidBucketName', 'The specified bucket is not valid.');
  }
  const wanted = readNewSettings(call);
  const existing = buckets.find(target.bucket)?.settings;
  if (!existing && buckets.all().length >= MAX_BUCKETS) {
    throw new OssError(400, 'TooManyBuckets', 'You have attempted to create more buckets than allowed.');
  }
  const settings = {
    createdAt: now,
    acl: 'private',
    storageClass: 'Standard',
    redundancy: 'LRS',
    ...existing,
  } as const;
  const changed = { ...settings, ...wanted };
  if (existing && (changed.storageClass !== existing.storageClass || changed.redundancy !== existing.redundancy)) {
    throw new OssError(409, 'BucketAlreadyExists', "Cannot modify existing bucket's storage class.");
  }
  await buckets.save(target.bucket, changed);
  return { status: 200, headers: { location: `/${target.bucket}` } };
};

export const deleteBucket: PerformOperation = async (call) => {
  const { name, objects } = requireBucket(call);
  if ((await objects.list('', { limit: 1 })).length > 0) {
    throw new OssError(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty.');
  }
  await call.buckets.remove(name);
  return { status: 204 };
};

export const getBucketInfo: PerformOperation = async (call) => {
  const { name, settings } = requireBucket(call);
  const details: XmlNode[] = [
    ...describeBucket(call, name, settings),
    ['DataRedundancyType', settings.redundancy],
    renderOwner(call.accountId),
    ['AccessControlList', [['Grant', settings.acl]]],
    ...(settings.versioning ? [['Versioning', settings.versioning] as const] : []),
  ];
  return xmlResponse(['BucketInfo', [['Bucket', details]]]);
};

export const listBuckets: PerformOperation = async (call) => {
  const { query } = call.request;
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('marker') ?? '';
  const maxKeys = Number(query.get('max-keys') ?? '100');
  if (!(Number.isInteger(maxKeys) && maxKeys >= 1 && maxKeys <= 1_000)) {
    throw invalidArgument('max-keys must be a number from 1 to 1000.');
  }
  const found = call.buckets.all().filter(({ name }) => name.startsWith(prefix) && name > marker);
  const page = found.slice(0, maxKeys);
  const truncated = found.length > page.length;
  return xmlResponse([
    'ListAllMyBucketsResult',
    [
      renderOwner(call.accountId),
      ['Prefix', prefix],
      ['Marker', marker],
      ['MaxKeys', maxKeys],
      ['IsTruncated', truncated],
      ...(truncated ? [['NextMarker', page.at(-1)?.name ?? ''] as const] : []),
      ['Buckets', page.map(({ name, settings }) => ['Bucket', describeBucket(call, name, settings)] as const)],
    ],
  ]);
};

export const getBucketAcl: PerformOperation = async (call) => {
  const { settings } = requireBucket(call);
  const list: XmlNode = ['AccessControlList', [['Grant', settings.acl]]];
  return xmlResponse(['AccessControlPolicy', [renderOwner(call.accountId), list]]);
};

export const putBucketAcl: PerformOperation = async (call) => {
  const { name, settings } = requireBucket(call);
  const acl = readAcl(call);
  if (!acl) throw invalidArgument('x-oss-acl is missing.');
  await call.buckets.save(name, { ...settings, acl });
  return { status: 200 };
};

export const getBucketVersioning: PerformOperation = async (call) => {
  const { versioning } = requireBucket(call).settings;
  return xmlResponse(['VersioningConfiguration', versioning ? [['Status', versioning]] : []]);
};

/** Once on, versioning can only be suspended, never taken away. */
export const putBucketVersioning: PerformOperation = async (call) => {
  const { name, settings } = requireBucket(call);
  const body = readXmlBody(call.request.body, 'VersioningConfiguration');
  const versioning = readChoice(body, 'Status', VERSIONING_STATES);
  if (!versioning) throw invalidArgument('Status is missing.');
  if (wormInForce(settings, call.now)) {
    throw invalidArgument('Versioning and a retention policy exclude each other.', '0012-00000006');
  }
  await call.buckets.save(name, { ...settings, versioning });
  return { status: 200 };
};

export const getBucketEncryption: PerformOperation = async (call) => {
  const { encryption } = requireBucket(call).settings;
  if (!encryption) {
    const message = 'The server side encryption configuration was not found.';
    throw new OssError(404, 'NoSuchServerSideEncryptionRule', message, '0005-00000004');
  }
  const rule: XmlNode[] = [
    ['SSEAlgorithm', encryption.algorithm],
    ...(encryption.keyId ? [['KMSMasterKeyID', encryption.keyId] as const] : []),
  ];
  return xmlResponse(['ServerSideEncryptionRule', [['ApplyServerSideEncryptionByDefault', rule]]]);
};

export const putBucketEncryption: PerformOperation = async (call) => {
  const { name, settings } = requireBucket(call);
  const body = readXmlBody(call.request.body, 'ServerSideEncryptionRule');
  const rule = body.children.find((child) => child.name === 'ApplyServerSideEncryptionByDefault');
  const algorithm = rule && readChoice(rule, 'SSEAlgorithm', ENCRYPTION_ALGORITHMS);
  if (!algorithm) throw invalidArgument('SSEAlgorithm is missing.');
  const keyId = childText(rule, 'KMSMasterKeyID');
  if (keyId && algorithm !== 'KMS') throw invalidArgument('KMSMasterKeyID is for the algorithm KMS only.');
  await call.buckets.save(name, { ...settings, encryption: { algorithm, ...(keyId ? { keyId } : {}) } });
  return { status: 200 };
};

function readNewSettings(call: OssCall): Partial<Pick<BucketSettings, 'acl' | 'storageClass' | 'redundancy'>> {
  const acl = readAcl(call);
  const { body } = call.request;
  const configuration = body.length > 0 ? readXmlBody(body, 'CreateBucketConfiguration') : undefined;
  const storageClass = configuration && readChoice(configuration, 'StorageClass', STORAGE_CLASSES);
  const redundancy = configuration && readChoice(configuration, 'DataRedundancyType', REDUNDANCY_TYPES);
  return { ...(acl && { acl }), ...(storageClass && { storageClass }), ...(redundancy && { redundancy }) };
}

function readAcl(call: OssCall): BucketSettings['acl'] | undefined {
  const value = headerOf(call, 'x-oss-acl');
  const acl = ACLS.find((known) => known === value);
  if (value !== undefined && !acl) throw invalidArgument(`x-oss-acl must be one of ${ACLS.join(', ')}.`);
  return acl;
}

function describeBucket({ region }: OssCall, name: string, settings: BucketSettings): XmlNode[] {
  return [
    ['Name', name],
    ['CreationDate', new Date(settings.createdAt).toISOString()],
    ['Location', `oss-${region}`],
    ['ExtranetEndpoint', `oss-${region}.aliyuncs.com`],
    ['IntranetEndpoint', `oss-${region}-internal.aliyuncs.com`],
    ['StorageClass', settings.storageClass],
  ];
}
