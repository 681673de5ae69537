import { z } from 'zod';
import { type Ended, type Running, start } from '../command-line.ts';

const text = z.string().min(1);
const authority = z.string().regex(/^127\.0\.0\.1:\d+$/);
const command = z.string().regex(/^c-\w+$/);
const origin = z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/);

/** The one line of `local up --json`: the keys of its help and no others. */
export const upSchema = z.strictObject({
  ready_ms: z.int().positive(),
  region: z.literal('cn-hangzhou'),
  account_id: z.string().regex(/^\d{16}$/),
  access_key_id: z.string().regex(/^LTAI\w{20}$/),
  access_key_secret: z.string().regex(/^\w{30}$/),
  // EventBridge and ECS as their SDKs want them: without a scheme.
  endpoints: z.strictObject({
    event_bridge: authority,
    ecs: authority,
    oss: origin,
    fc: origin,
    dingtalk: origin,
    lark: origin,
    ram: origin,
    sls: origin,
    kms: origin,
  }),
  functions: z.strictObject({ ingest: origin }),
  // workflows.yaml opens none.
  http_sources: z.strictObject({}),
  bus: z.literal('approval-loop-dev'),
  instances: z.tuple([z.string().regex(/^i-\w+$/)]),
  commands: z.strictObject({ onboarding: command, 'onboarding-revoke': command }),
  buckets: z.strictObject({ records: text, work: text }),
  dingtalk: z.strictObject({
    corp_id: text,
    app_key: text,
    app_secret: text,
    callback_token: text,
    callback_aes_key: z.string().regex(/^\w{43}$/),
    process_codes: z.strictObject({ onboarding: text, 'resource-request': text }),
    people: z.array(text),
  }),
  lark: z.strictObject({
    app_id: z.string().regex(/^cli_[0-9a-f]{16}$/),
    app_secret: text,
    verification_token: text,
    encrypt_key: text,
    tenant_key: text,
    approval_codes: z.strictObject({ onboarding: text, 'resource-request': text }),
    people: z.array(text),
  }),
  real_platforms: z.array(z.enum(['dingtalk', 'lark'])),
  control: z.strictObject({ url: origin, token: text }),
  directory: text,
  pid: z.int().positive(),
});

/** A cloud that `local up --json` keeps running. */
export interface RunningCloud extends Running {
  description: z.infer<typeof upSchema>;
  /** Every port that it listens on. */
  ports: number[];
  /** SIGTERM, and its end. */
  stop(): Promise<Ended>;
}

export async function startUp(directory: string, ...args: string[]): Promise<RunningCloud> {
  const running = start(['local', 'up', '--json', '--port', '0', '--state', directory, ...args]);
  const line = await running.printed(/\n/);
  const description = upSchema.parse(JSON.parse(line));
  const { endpoints, functions, control } = description;
  const ports = [...Object.values(endpoints), functions.ingest, control.url].map((url) =>
    Number(/:(\d+)$/.exec(url)?.[1]),
  );
  return {
    ...running,
    description,
    ports,
    stop: () => {
      running.signal('SIGTERM');
      return running.ended;
    },
  };
}
