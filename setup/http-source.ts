import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { PLATFORM_NAMES } from '../shared/ids.ts';
import { HTTP_EVENT, ownHttpSource } from '../shared/workflows/http-source-schema.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { Change } from './change.ts';
import { unlessMissing } from './event-bridge-client.ts';
import { isOurs, MADE_BY } from './ownership.ts';
import type { RuleDefinition } from './rule-definitions.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** The way in by an HTTP event source: open only where workflows.yaml says so. */

/** Every source that setup may make on our own bus, and those of them that are wanted. */
export const OWN_HTTP_SOURCES = PLATFORM_NAMES.map(ownHttpSource);

export function wantedHttpSources({ http_source }: Workflows): string[] {
  const own = PLATFORM_NAMES.filter((name) => http_source?.[name] && http_source[name].bus === undefined);
  return own.map(ownHttpSource);
}

/** What its URL takes: the token in it, which the console shows, is all that a flow needs to know. */
export const HTTP_PARAMETERS = new sdk.SourceHttpEventParameters({
  type: 'HTTPS',
  method: ['POST'],
  securityConfig: 'none',
});

/** Names of the rules that this environment may have for it, on whatever bus. */
export function httpRuleNames(target: SetupTarget): string[] {
  return PLATFORM_NAMES.map((platform) => targetNames(target).rule(`http-${platform}`));
}

/** A rule for each platform: what is posted without an id where one should be wakes nobody. */
export function httpRules(target: SetupTarget, { http_source }: Workflows): RuleDefinition[] {
  const names = targetNames(target);
  return PLATFORM_NAMES.flatMap((platform) => {
    const entry = http_source?.[platform];
    if (!entry) return [];
    const { bus = names.bus, source = ownHttpSource(platform), instance_id } = entry;
    return [
      {
        bus,
        name: names.rule(`http-${platform}`),
        description: `${MADE_BY}: approvals that a flow posts wake ingest`,
        pattern: { source: [source], type: [HTTP_EVENT], data: nested(instance_id.split('.')) },
        wakes: 'ingest',
      },
    ];
  });
}

function nested([first = '', ...rest]: readonly string[]): object {
  return { [first]: rest.length === 0 ? [{ exists: true }] : nested(rest) };
}

/** Buses and sources that workflows.yaml names and that are the company's own: they are looked for, and never made. */
export async function findMissing(client: EventBridge, { http_source }: Workflows): Promise<Change[]> {
  const changes: Change[] = [];
  for (const platform of PLATFORM_NAMES) {
    const { bus: eventBusName, source } = http_source?.[platform] ?? {};
    if (eventBusName === undefined || source === undefined) continue;
    const request = new sdk.ListUserDefinedRequest({ eventBusName, limit: 100 });
    const listed = await unlessMissing(client.listUserDefinedEventSources(request));
    const at = `http_source.${platform}`;
    if (!listed) {
      const detail = `${at}.bus names it, and there is no such bus; make it, or correct workflows.yaml`;
      changes.push({ kind: 'bus', name: eventBusName, did: 'skipped', detail });
    } else if (!(listed.eventSources ?? []).some(({ name }) => name === source)) {
      const detail = `${at}.source names it, and ${eventBusName} has no such source; make it as an HTTP event source`;
      changes.push({ kind: 'event source', name: source, did: 'skipped', detail });
    }
  }
  return changes;
}

/** Removes the rules that workflows.yaml no longer asks for. It no longer says on which bus they are, either. */
export async function removeHttpRules(
  client: EventBridge,
  target: SetupTarget,
  wanted: readonly RuleDefinition[],
): Promise<Change[]> {
  const { eventBuses = [] } = await client.listEventBuses(new sdk.ListEventBusesRequest({ limit: 100 }));
  const names = httpRuleNames(target);
  const changes: Change[] = [];
  for (const { eventBusName } of eventBuses) {
    const prefix = targetNames(target).rule('http-');
    const request = new sdk.ListRulesRequest({ eventBusName, ruleNamePrefix: prefix, limit: 100 });
    const { rules = [] } = await client.listRules(request);
    const isWanted = (name: string) => wanted.some((rule) => rule.name === name && rule.bus === eventBusName);
    for (const { ruleName } of rules.filter(
      (rule) => names.includes(rule.ruleName) && isOurs(rule.description) && !isWanted(rule.ruleName),
    )) {
      if (!target.lookOnly) await client.deleteRule(new sdk.DeleteRuleRequest({ eventBusName, ruleName }));
      changes.push({ kind: 'rule', name: ruleName, did: 'removed', detail: `it was on ${eventBusName}` });
    }
  }
  return changes;
}
