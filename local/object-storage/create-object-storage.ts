import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Log } from '../../shared/log.ts';
import { type Faults, withFaults } from '../faults.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import * as bucketOperations from './bucket-operations.ts';
import { type Buckets, isBucketName, openBuckets } from './buckets.ts';
import type { PerformOperation } from './call.ts';
import { listObjects } from './list-objects.ts';
import { deleteObject, getObject, putObject } from './object-operations.ts';
import { likelyOperation, type Operation, operationOf } from './operation.ts';
import { errorResponse, notImplemented, OssError } from './oss-error.ts';
import * as tagOperations from './tag-operations.ts';
import { targetsOf } from './target.ts';
import { verifySignature } from './verify-signature.ts';
import * as wormOperations from './worm-operations.ts';

export interface ObjectStorageOptions {
  /** `cn-hangzhou` */
  region: string;
  identities: Identities;
  clock: Clock;
  /** The time callers sign with; default `clock`. Differs when `clock` is accelerated: SDKs use the machine's time. */
  signatureClock?: Clock;
  log: Log;
  faults: Faults;
  /** Where buckets and objects are kept. */
  directory: string;
  newId: () => string;
}

export interface ObjectStorage {
  handle: HttpHandler;
  /** The objects of a bucket without signature, faults or bucket rules, for tools in the same process. */
  store(bucket: string): ObjectStore;
  /** Resolves when nothing is left to be written. */
  close(): Promise<void>;
}

const OPERATIONS: Readonly<Record<Operation, PerformOperation>> = {
  ListBuckets: bucketOperations.listBuckets,
  PutBucket: bucketOperations.putBucket,
  DeleteBucket: bucketOperations.deleteBucket,
  GetBucketInfo: bucketOperations.getBucketInfo,
  GetBucketAcl: bucketOperations.getBucketAcl,
  PutBucketAcl: bucketOperations.putBucketAcl,
  GetBucketVersioning: bucketOperations.getBucketVersioning,
  PutBucketVersioning: bucketOperations.putBucketVersioning,
  GetBucketTags: tagOperations.getBucketTags,
  PutBucketTags: tagOperations.putBucketTags,
  GetBucketEncryption: bucketOperations.getBucketEncryption,
  PutBucketEncryption: bucketOperations.putBucketEncryption,
  GetBucketWorm: wormOperations.getBucketWorm,
  InitiateBucketWorm: wormOperations.initiateBucketWorm,
  CompleteBucketWorm: wormOperations.completeBucketWorm,
  AbortBucketWorm: wormOperations.abortBucketWorm,
  ListObjects: listObjects,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: getObject,
  DeleteObject: deleteObject,
};

/** The embedded OSS; what it speaks and what it does not is in the README beside this file. */
export async function createObjectStorage(options: ObjectStorageOptions): Promise<ObjectStorage> {
  const { region, clock, log, faults, directory, newId } = options;
  const buckets = await openBuckets(directory, clock);
  const handle: HttpHandler = async (request) => {
    const requestId = newId();
    try {
      const response = await perform(request, options, buckets);
      return { ...response, headers: { ...response.headers, 'x-oss-request-id': requestId } };
    } catch (error) {
      const refusal =
        error instanceof OssError ? error : new OssError(500, 'InternalError', 'An internal error occurred.');
      const fields = { operation: likelyOperation(request), status: refusal.status, code: refusal.code, requestId };
      if (refusal === error) log.info('object storage refused a request', fields);
      else log.error('object storage failed', { ...fields, error: errorMessage(error) });
      return errorResponse(refusal, requestId, request.headers.host ?? '');
    }
  };
  return {
    handle: withFaults(handle, {
      service: 'oss',
      faults,
      operationOf: likelyOperation,
      errorResponse: (status, code, message) =>
        errorResponse(new OssError(status, code, message), newId(), `oss-${region}.aliyuncs.com`),
    }),
    store(bucket) {
      if (!isBucketName(bucket)) throw new TypeError(`${JSON.stringify(bucket.slice(0, 100))} is no bucket name`);
      return buckets.objects(bucket);
    },
    close: () => buckets.settled(),
  };
}

async function perform(request: HttpRequest, options: ObjectStorageOptions, buckets: Buckets): Promise<HttpResponse> {
  const { region, identities, clock, newId } = options;
  const targets = targetsOf(request);
  if (targets.length === 0) throw new OssError(400, 'InvalidObjectName', 'The specified object is not valid.');
  const target = verifySignature(request, targets, { identities, region, clock: options.signatureClock ?? clock });
  const operation = operationOf(request, target);
  if (!operation) throw notImplemented(`${request.method} with ${request.rawQuery.slice(0, 100) || 'this path'}`);
  const { accountId } = identities;
  return OPERATIONS[operation]({ request, target, now: clock.now(), accountId, region, buckets, newId });
}
