import { ALARM_RULES } from '../alarm-queries.ts';
import type { Change } from '../change.ts';
import { logPlaceOf } from '../log-place.ts';
import { foreignChange, hasOwnTags } from '../ownership.ts';
import type { SetupTarget } from '../target.ts';
import { type AlarmSettings, type AlertDefinition, alertDefinition } from './alert-definition.ts';
import { includesAll } from './includes-all.ts';
import type { FoundAlert, LogService } from './log-service-client.ts';
import { openLogService } from './open-log-service.ts';

const kind = 'alert';

/** What it is not to have named an action policy, and what to do about it. */
export const UNHEARD = {
  seen: 'env.yaml names none, so that alerts go to the one of the service, sls.builtin, which tells only whom somebody has put into it',
  mend: 'name yours as alarms: { action_policy: <id> }',
};

/**
 * An alert for every rule of alarm-queries.ts, in the log project of the functions. The first deploy makes the project, so
 * that before it there is nothing to make them in.
 */
export async function setUpAlerts(target: SetupTarget, settings: AlarmSettings): Promise<Change[]> {
  return [...(await ensureAlerts(target, settings)), ...(settings.action_policy === undefined ? [unheard] : [])];
}

/** Alerts without an audience are made all the same: they are seen in the console. */
const unheard: Change = {
  kind,
  name: 'action policy',
  did: 'skipped',
  detail: `${UNHEARD.seen}; ${UNHEARD.mend}`,
};

/** The same without a word about who hears them. */
export async function ensureAlerts(target: SetupTarget, settings: AlarmSettings): Promise<Change[]> {
  const service = await openLogService(target);
  const found = await service.listAlerts();
  const place = logPlaceOf(target);
  if (!found) return [{ kind, name: place.project, did: 'skipped', detail: NO_PROJECT }];
  const wanted = ALARM_RULES.map((rule) => alertDefinition(rule, target.environmentName, place, settings));
  const changes: Change[] = [];
  for (const alert of wanted) {
    const present = found.find(({ name }) => name === alert.name);
    changes.push(await ensureAlert(service, target, alert, present));
  }
  const names = new Set(wanted.map(({ name }) => name));
  const others = found.filter(({ name }) => !names.has(name));
  return [...changes, ...(await removeAlerts(service, target, others))];
}

const NO_PROJECT = 'there is no such log project yet: deploy makes it with the functions, and then the alerts';

async function ensureAlert(
  service: LogService,
  target: SetupTarget,
  alert: AlertDefinition,
  found: FoundAlert | undefined,
): Promise<Change> {
  const { name } = alert;
  if (!found) {
    if (!target.lookOnly) await service.createAlert(alert);
    return { kind, name, did: 'created' };
  }
  const foreign = isOwn(target, found) ? undefined : foreignChange(target, kind, name);
  if (foreign?.did === 'refused') return foreign;
  const fits = isAsWanted(found, alert);
  const isOff = found.status === 'DISABLED';
  if (fits && !isOff) return foreign ?? { kind, name, did: 'unchanged', ...mutedOf(target, found) };
  if (!target.lookOnly && !fits) await service.updateAlert(alert, found.configuration.muteUntil);
  if (!target.lookOnly && isOff) await service.enableAlert(name);
  return foreign ?? { kind, name, did: 'updated', detail: isOff ? 'it was switched off' : 'what it asks or tells' };
}

/** It is for people to mute an alert for a while, so that it is told and left. */
function mutedOf({ clock }: SetupTarget, { configuration: { muteUntil = 0 } }: FoundAlert): Pick<Change, 'detail'> {
  const until = muteUntil * 1000;
  return until > clock.now() ? { detail: `somebody has muted it until ${new Date(until).toISOString()}` } : {};
}

/** The description is left out: the service calls it a field for compatibility, which need not come back. */
function isAsWanted({ displayName, schedule, configuration }: FoundAlert, wanted: AlertDefinition): boolean {
  const { name: _, description: __, ...rest } = wanted;
  return includesAll({ displayName, schedule, configuration }, rest);
}

function isOwn(target: SetupTarget, { configuration }: FoundAlert): boolean {
  const labels = Object.fromEntries((configuration.labels ?? []).map(({ key, value }) => [key, value]));
  return hasOwnTags(target, labels);
}

/** Takes away the environment's own among these. */
async function removeAlerts(
  service: LogService,
  target: SetupTarget,
  alerts: readonly FoundAlert[],
): Promise<Change[]> {
  const own = alerts.filter((alert) => isOwn(target, alert));
  if (!target.lookOnly) for (const { name } of own) await service.deleteAlert(name);
  return own.map(({ name }): Change => ({ kind, name, did: 'removed' }));
}

/** Takes away every alert of the environment; no project, no alerts. */
export async function tearDownAlerts(target: SetupTarget): Promise<Change[]> {
  const service = await openLogService(target);
  return removeAlerts(service, target, (await service.listAlerts()) ?? []);
}
