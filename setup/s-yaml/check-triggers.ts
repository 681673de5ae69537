import * as z from 'zod';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { type Finding, findingAt } from '../workflows/finding.ts';
import { checkShape } from './check-shape.ts';
import { triggerConfigSchemas, triggerSchema } from './trigger-schema.ts';

const headSchema = z.object({
  triggerName: z.string(),
  triggerType: z.enum(['http', 'timer']),
  triggerConfig: z.unknown(),
});
type Head = z.infer<typeof headSchema>;

/** Paths begin at the props of the function. */
export function checkTriggers(name: FunctionName, triggers: readonly unknown[]): Finding[] {
  const shapes = triggers.flatMap((trigger, index) => checkTrigger(trigger, ['triggers', index]));
  const heads = triggers.flatMap((trigger) => headSchema.safeParse(trigger).data ?? []);
  if (shapes.length > 0 || heads.length < triggers.length) return shapes;
  return [...checkTogether(heads), ...checkPurpose(name, heads)];
}

function checkTrigger(trigger: unknown, path: PropertyKey[]): Finding[] {
  const findings = checkShape(triggerSchema, trigger, path);
  const head = headSchema.safeParse(trigger);
  if (!head.success) return findings;
  const { triggerType, triggerConfig = {} } = head.data;
  return [...findings, ...checkShape(triggerConfigSchemas[triggerType], triggerConfig, [...path, 'triggerConfig'])];
}

function checkTogether(heads: readonly Head[]): Finding[] {
  const names = heads.map(({ triggerName }) => triggerName);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          findingAt(
            'fault',
            ['triggers', index, 'triggerName'],
            `"${name}" is the name of an earlier trigger; names must differ`,
          ),
        ],
  );
}

/** The sweep takes up what events have lost; a callback reaches ingest over HTTP. */
function checkPurpose(name: FunctionName, heads: readonly Head[]): Finding[] {
  const https = heads.filter(({ triggerType }) => triggerType === 'http');
  const enabled = z.object({ enable: z.literal(true) });
  const timers = heads.filter(
    ({ triggerType, triggerConfig }) => triggerType === 'timer' && enabled.safeParse(triggerConfig).success,
  );
  const post = z.object({ methods: z.array(z.string()).refine((methods) => methods.includes('POST')) });
  const callback = name !== 'ingest' || https.some(({ triggerConfig }) => post.safeParse(triggerConfig).success);
  return [
    ...(timers.length > 0 ? [] : ['has no enabled timer trigger, so that nothing takes up what an event has lost']),
    ...(callback ? [] : ['has no HTTP trigger for POST, so that no callback arrives']),
    ...(https.length > 1 || (name !== 'ingest' && https.length > 0)
      ? [`has ${https.length} HTTP triggers; ingest has one, the others none`]
      : []),
  ].map((what) => findingAt('fault', ['triggers'], `${name} ${what}`));
}
