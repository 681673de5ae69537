import { z } from 'zod';
import { type ApiError, type ApiErrorCode, apiError, isApiErrorCode, missingParameter } from './api-error.ts';
import type { ParameterTree } from './parameter-tree.ts';

/**
 * Building blocks of the operations' request schemas. The message of a failed check is the error code to answer with.
 * Lengths are in characters (code points), as the documents count them.
 */

const MISSING = 'Missing';

/** Parses an operation's parameters; what fails first decides the error. */
export function parseInput<T extends z.ZodType>(schema: T, parameters: Record<string, ParameterTree>): z.infer<T> {
  const result = schema.safeParse(parameters);
  if (result.success) return result.data;
  throw issueError(result.error.issues[0]);
}

function issueError(issue: z.core.$ZodIssue | undefined): ApiError {
  const name = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part + 1 : String(part))).join('.');
  if (issue?.message === MISSING) return missingParameter(name);
  return apiError(issue && isApiErrorCode(issue.message) ? issue.message : 'InvalidParameter', name);
}

export const required = () =>
  z.string({ error: ({ input }) => (input === undefined ? MISSING : 'InvalidParameter') }).min(1, MISSING);

export const maxLength = (max: number, code: ApiErrorCode) =>
  z.refine<string>((value) => [...value].length <= max, { error: code });

export const text = (max: number, code: ApiErrorCode) => z.string().check(maxLength(max, code));

/** A text that a list is narrowed by; empty is the same as not given. */
export const filter = () =>
  text(512, 'InvalidParameter')
    .transform((value) => value || undefined)
    .optional();

export const flag = () =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
    .transform((value) => value === 'true');

export const integer = (min: number, max: number, code: ApiErrorCode) =>
  z
    .string(code)
    .regex(/^\d{1,9}$/, code)
    .transform(Number)
    .pipe(z.number().min(min, code).max(max, code));

/** In seconds. The upper bound is not documented; a day is this emulation's choice. */
export const timeout = () => integer(10, 86_400, 'InvalidTimeout.ExceedLimit');

/** Any value but `PlainText` means Base64 in every operation that uses this block. */
export const base64Unless = () =>
  z
    .string()
    .default('Base64')
    .transform((value): ContentEncoding => (value.toLowerCase() === 'plaintext' ? 'PlainText' : 'Base64'));

export type ContentEncoding = 'PlainText' | 'Base64';

const CONTROL_CHARACTERS = /\p{Cc}/u;

const printable = (code: ApiErrorCode) => z.refine<string>((value) => !CONTROL_CHARACTERS.test(value), { error: code });

export const commandName = () =>
  text(128, 'CmdName.ExceedLimit').check(printable('InvalidParameterCharacter.CommandName'));

export const workingDir = () =>
  text(200, 'InvalidParameter.WorkingDir').check(printable('InvalidParameterCharacter.CommandWorkingDir'));

export const launcher = () =>
  z.string().refine((value) => Buffer.byteLength(value) <= 1024, { error: 'InvalidLauncher.LengthLimitExceeded' });

export const clientToken = () =>
  z
    .string()
    .regex(/^[\x20-\x7e]{0,64}$/, 'InvalidClientToken.Malformed')
    .optional();

/** Each instance counts once, however often it is named. */
export const instanceIds = (max: number) =>
  z
    .array(z.string())
    .max(max, 'InstanceIds.ExceedLimit')
    .default([])
    .transform((ids) => [...new Set(ids)]);

interface TagCodes {
  count: ApiErrorCode;
  missing: ApiErrorCode;
  key: ApiErrorCode;
  value: ApiErrorCode;
  duplicate: ApiErrorCode;
}

const TAG_CODES: TagCodes = {
  count: 'NumberExceed.Tags',
  missing: 'MissingParameter.TagKey',
  key: 'InvalidTagKey.Malformed',
  value: 'InvalidTagValue.Malformed',
  duplicate: 'Duplicate.TagKey',
};

const RESOURCE_TAG_CODES: TagCodes = {
  count: 'NumberExceed.ResourceTags',
  missing: 'MissingParameter.ResourceTagKey',
  key: 'InvalidResourceTagKey.Malformed',
  value: 'InvalidResourceTagValue.Malformed',
  duplicate: 'Duplicate.ResourceTagKey',
};

/** A tag to look for: without a value any value matches. */
export interface TagFilter {
  key: string;
  value: string | undefined;
}

export const tagFilters = (max = 20, codes = TAG_CODES) =>
  z
    .array(
      z.object({
        Key: z
          .string(codes.missing)
          .min(1, codes.missing)
          .check(maxLength(64, codes.key))
          .regex(/^(?!aliyun|acs:)(?!.*https?:\/\/)/s, codes.key),
        Value: z
          .string(codes.value)
          .check(maxLength(128, codes.value))
          .regex(/^(?!.*https?:\/\/)/s, codes.value)
          .optional(),
      }),
    )
    .max(max, codes.count)
    .refine((tags) => new Set(tags.map(({ Key }) => Key)).size === tags.length, { error: codes.duplicate })
    .default([])
    .transform((tags) => tags.map(({ Key, Value }): TagFilter => ({ key: Key, value: Value })));

export const resourceTags = (max: number) => tagFilters(max, RESOURCE_TAG_CODES);

/** Tags to put on something: a value that is not given is empty. */
export const tags = () => tagFilters().transform((list) => list.map(({ key, value }) => ({ key, value: value ?? '' })));

export const paging = (max = 50) => ({
  PageNumber: integer(1, 1_000_000, 'InvalidParam.PageNumber').default(1),
  PageSize: integer(1, max, 'InvalidParam.PageSize').default(10),
  MaxResults: integer(1, max, 'InvalidParameter.MaxResults').optional(),
  NextToken: z.string('InvalidParameter.NextToken').max(512, 'InvalidParameter.NextToken').optional(),
});
