import { childText } from '../../shared/journal/parse-xml.ts';
import { type PerformOperation, requireBucket } from './call.ts';
import { OssError } from './oss-error.ts';
import { readXmlBody } from './read-xml-body.ts';
import { type XmlNode, xmlResponse } from './render-xml.ts';

/** https://www.alibabacloud.com/help/en/oss/developer-reference/putbuckettags */
const MAX_TAGS = 20;
const KEY = /^(?!https?:\/\/|aliyun).{1,64}$/isu;
const VALUE = /^.{0,128}$/su;

/** A bucket without tags has an empty set of them. */
export const getBucketTags: PerformOperation = async (call) => {
  const { tags = {} } = requireBucket(call).settings;
  const set = Object.entries(tags).map(
    ([key, value]): XmlNode => [
      'Tag',
      [
        ['Key', key],
        ['Value', value],
      ],
    ],
  );
  return xmlResponse(['Tagging', [['TagSet', set]]]);
};

/** The tags that are sent take the place of all that were there. */
export const putBucketTags: PerformOperation = async (call) => {
  const { name, settings } = requireBucket(call);
  const set = readXmlBody(call.request.body, 'Tagging').children.find((child) => child.name === 'TagSet');
  const sent = (set?.children ?? []).map(
    (tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''] as const,
  );
  const tags = Object.fromEntries(sent);
  const isValid = sent.every(([key, value]) => KEY.test(key) && VALUE.test(value));
  if (!isValid || Object.keys(tags).length !== sent.length || sent.length > MAX_TAGS)
    throw new OssError(400, 'InvalidTag', 'The tags you provided are not valid.');
  await call.buckets.save(name, { ...settings, tags });
  return { status: 200 };
};
