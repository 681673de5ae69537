import { childText } from '../../shared/journal/parse-xml.ts';
import type { Worm } from './buckets.ts';
import { type OssCall, type PerformOperation, requireBucket } from './call.ts';
import { OssError } from './oss-error.ts';
import { readXmlBody } from './read-xml-body.ts';
import { xmlResponse } from './render-xml.ts';
import { wormInForce } from './retention.ts';

/** 70 years: https://help.aliyun.com/en/oss/developer-reference/extendbucketworm */
const MAX_DAYS = 25_550;

export const getBucketWorm: PerformOperation = async (call) => {
  const worm = requireWorm(call);
  return xmlResponse([
    'WormConfiguration',
    [
      ['WormId', worm.id],
      ['State', worm.locked ? 'Locked' : 'InProgress'],
      ['RetentionPeriodInDays', worm.days],
      ['CreationDate', new Date(worm.createdAt).toISOString()],
    ],
  ]);
};

export const initiateBucketWorm: PerformOperation = async (call) => {
  const { name, settings } = requireBucket(call);
  const days = Number(childText(readXmlBody(call.request.body, 'InitiateWormConfiguration'), 'RetentionPeriodInDays'));
  if (!(Number.isInteger(days) && days >= 1 && days <= MAX_DAYS)) {
    throw invalidWorm(`RetentionPeriodInDays must be a number from 1 to ${MAX_DAYS}.`);
  }
  if (settings.versioning) throw invalidWorm('Versioning and a retention policy exclude each other.', '0027-00000003');
  const current = wormInForce(settings, call.now);
  if (current?.locked) throw locked();
  if (current) throw invalidWorm('The bucket already has a retention policy.');
  const worm: Worm = { id: call.newId(), days, createdAt: call.now, locked: false };
  await call.buckets.save(name, { ...settings, worm });
  return { status: 200, headers: { 'x-oss-worm-id': worm.id } };
};

export const completeBucketWorm: PerformOperation = async (call) => {
  const worm = requireWorm(call);
  if (worm.id !== call.request.query.get('wormId')) throw noSuchWorm('The specified WORM ID does not exist.');
  if (worm.locked) throw locked();
  const { name, settings } = requireBucket(call);
  await call.buckets.save(name, { ...settings, worm: { ...worm, locked: true } });
  return { status: 200 };
};

export const abortBucketWorm: PerformOperation = async (call) => {
  if (requireWorm(call).locked) throw locked();
  const { name, settings } = requireBucket(call);
  const { worm: _, ...others } = settings;
  await call.buckets.save(name, others);
  return { status: 204 };
};

function requireWorm(call: OssCall): Worm {
  const worm = wormInForce(requireBucket(call).settings, call.now);
  if (!worm) throw noSuchWorm('The WORM Configuration does not exist.');
  return worm;
}

function noSuchWorm(message: string): OssError {
  return new OssError(404, 'NoSuchWORMConfiguration', message);
}

function invalidWorm(message: string, ec?: string): OssError {
  return new OssError(400, 'InvalidWORMConfiguration', message, ec);
}

function locked(): OssError {
  return new OssError(403, 'WORMConfigurationLocked', 'The WORM Configuration is locked.');
}
