import * as sdk from '@alicloud/eventbridge';
import { PROBE, TASK_COMPLETED } from '../shared/events.ts';
import type { FunctionName } from '../shared/request/next-step.ts';
import { MADE_BY } from './ownership.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** A rule of this environment: which events on which bus wake which function. */
export interface RuleDefinition {
  bus: string;
  name: string;
  description: string;
  pattern: object;
  wakes: FunctionName;
}

export function ruleDefinitions(target: SetupTarget): RuleDefinition[] {
  const names = targetNames(target);
  return [
    {
      bus: names.bus,
      name: names.rule('request'),
      description: `${MADE_BY}: accepted requests and pressed buttons wake dispatch`,
      pattern: {
        source: ['dingtalk.approval', 'lark.approval', 'approval-loop.ingest', PROBE.source],
        type: ['ProvisionRequest', 'ProvisionPressed', PROBE.type],
      },
      wakes: 'dispatch',
    },
    {
      bus: names.bus,
      name: names.rule('progress'),
      description: `${MADE_BY}: started and refused requests and pressed buttons wake notify`,
      pattern: {
        source: [{ prefix: 'approval-loop.' }],
        type: ['ProvisionStarted', 'ProvisionRefused', 'ProvisionPressed', PROBE.type],
      },
      wakes: 'notify',
    },
    {
      // Events of cloud services come to the bus `default` only.
      bus: 'default',
      name: names.rule('completed'),
      description: `${MADE_BY}: ends of runs of this environment wake notify`,
      pattern: {
        source: ['acs.ecs'],
        type: [TASK_COMPLETED],
        data: { commandName: [{ prefix: names.commandPrefix }] },
      },
      wakes: 'notify',
    },
  ];
}

/**
 * A rule calls its function asynchronously: retries and age are then Function Compute's (`asyncInvokeConfig`). The
 * endpoint's form for functions without a service is not documented; this one is seen in public configurations.
 */
export function functionTarget(target: SetupTarget, wakes: FunctionName): sdk.TargetEntry {
  const name = targetNames(target).function(wakes);
  const constant = (resourceKey: string, value: string) =>
    new sdk.EBTargetParam({ resourceKey, form: 'CONSTANT', value });
  return new sdk.TargetEntry({
    id: wakes,
    type: 'acs.fc.function',
    endpoint: `acs:fc:${target.region}:${target.accountId}:functions/${name}`,
    pushRetryStrategy: 'BACKOFF_RETRY',
    paramList: [
      constant('functionName', name),
      constant('Qualifier', 'LATEST'),
      constant('InvocationType', 'Async'),
      constant('DataFormat', 'Object'),
      new sdk.EBTargetParam({ resourceKey: 'Body', form: 'ORIGINAL', value: '' }),
    ],
  });
}
