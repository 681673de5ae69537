import * as z from 'zod';
import { PLATFORM_NAMES } from '../../shared/ids.ts';

const text = z.string();

/**
 * A running embedded cloud as other processes see it: the one line of `local up --json`, and the file by which
 * `local approve` finds it. Every secret in it is the embedded cloud's own.
 */
export const cloudDescriptionSchema = z.object({
  ready_ms: z.number(),
  region: text,
  account_id: text,
  access_key_id: text,
  access_key_secret: text,
  endpoints: z.object({
    event_bridge: text,
    ecs: text,
    oss: text,
    fc: text,
    dingtalk: text,
    lark: text,
    ram: text,
    sls: text,
    kms: text,
  }),
  functions: z.object({ ingest: text }),
  /** Where flows post approvals, by event source; none unless workflows.yaml opens `http_source`. */
  http_sources: z.record(text, text),
  bus: text,
  instances: z.array(text),
  /** Command ids by their name in workflows.yaml. */
  commands: z.record(text, text),
  buckets: z.object({ records: text, work: text }),
  dingtalk: z.object({
    corp_id: text,
    app_key: text,
    app_secret: text,
    callback_token: text,
    callback_aes_key: text,
    /** Process codes by workflow. */
    process_codes: z.record(text, text),
    people: z.array(text),
  }),
  lark: z.object({
    app_id: text,
    app_secret: text,
    verification_token: text,
    encrypt_key: text,
    tenant_key: text,
    /** Approval codes by workflow. */
    approval_codes: z.record(text, text),
    people: z.array(text),
  }),
  /** Platforms that are the company's own: nobody of the embedded company is in them. */
  real_platforms: z.array(z.enum(PLATFORM_NAMES)),
  /** The embedded cloud's own door: what happens, what groups see, misbehaviour on request. */
  control: z.object({ url: text, token: text }),
  directory: text,
  pid: z.number(),
});
export type CloudDescription = z.infer<typeof cloudDescriptionSchema>;
