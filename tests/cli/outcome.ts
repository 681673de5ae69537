import { z } from 'zod';

/** The one object that `demo --json` and `local approve --json` print. */
export const outcomeSchema = z.strictObject({
  request_id: z.string().regex(/^(dingtalk|lark)\.[A-Za-z0-9_-]+$/),
  workflow: z.string(),
  parameters: z.record(z.string(), z.string()),
  invocation: z
    .strictObject({
      invoke_id: z.string().regex(/^t-\w+$/),
      status: z.string(),
      exit_code: z.int().nullable(),
      instance_id: z.string().regex(/^i-\w+$/),
    })
    .nullable(),
  message: z
    .strictObject({
      platform: z.enum(['dingtalk', 'lark']),
      chat: z.string(),
      text: z.string(),
      /** Absent where the message has never changed. */
      updates: z.int().min(1).optional(),
    })
    .nullable(),
  steps: z.array(z.strictObject({ name: z.string(), at_ms: z.int().min(0) })),
  duration_ms: z.int().min(0),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** Parses stdout that must be one line with one object. */
export function parseOutcome(stdout: string): Outcome {
  expect(stdout.match(/\n/g)).toHaveLength(1);
  return outcomeSchema.parse(JSON.parse(stdout));
}

/** Parses stdout that must be one line for each platform, DingTalk first. */
export function parseBothOutcomes(stdout: string): { dingtalk: Outcome; lark: Outcome } {
  const [dingtalk = '', lark = '', ...rest] = stdout.split('\n');
  expect(rest).toEqual(['']);
  const both = { dingtalk: parseOutcome(`${dingtalk}\n`), lark: parseOutcome(`${lark}\n`) };
  expect(both.dingtalk.request_id).toMatch(/^dingtalk\./);
  expect(both.lark.request_id).toMatch(/^lark\./);
  return both;
}

/** Each step once, in the order in which it was first seen. */
export function stepNames({ steps }: Outcome): string[] {
  return [...new Set(steps.map(({ name }) => name))];
}

/** The first line of the message, which is its title. */
export function titleOf({ message }: Outcome): string | undefined {
  return message?.text.split('\n')[0];
}
