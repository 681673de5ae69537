import * as z from 'zod';
import { parseJson } from '../../shared/json.ts';
import type { HttpRequest } from '../http/server.ts';
import { createSchema, type StoredAlert, updateSchema } from './alert-schema.ts';
import type { Alerts } from './keep-alerts.ts';
import { parameterInvalid, SlsError } from './sls-error.ts';

/** One call on the alerts of a project, as the operations see it. */
export interface AlertCall {
  alerts: Alerts;
  request: HttpRequest;
  /** Of the path; empty for the collection. */
  name: string;
  /** Seconds since the epoch. */
  now: number;
}

/** What a request asks for, as https://help.aliyun.com/en/sls/developer-reference/api-sls-2020-12-30-overview names it. */
export function operationOf({ method, rawPath, query }: HttpRequest): string {
  const [, name] = /^\/alerts(?:\/([^/]+))?$/.exec(rawPath) ?? ['', undefined];
  if (!rawPath.startsWith('/alerts')) return '';
  if (name === undefined) return { GET: 'ListAlerts', POST: 'CreateAlert' }[method] ?? '';
  if (method === 'PUT' && query.has('action'))
    return { enable: 'EnableAlert', disable: 'DisableAlert' }[query.get('action') ?? ''] ?? '';
  return { GET: 'GetAlert', PUT: 'UpdateAlert', DELETE: 'DeleteAlert' }[method] ?? '';
}

export const OPERATIONS: Readonly<Record<string, (call: AlertCall) => object>> = {
  ListAlerts({ alerts, request }) {
    const { offset, size } = readWith(pageSchema, Object.fromEntries(request.query));
    const results = [...alerts.values()].slice(offset, offset + size);
    return { results, count: results.length, total: alerts.size };
  },
  CreateAlert({ alerts, request, now }) {
    const alert = readWith(createSchema, parseJson(request.body));
    if (alerts.has(alert.name)) throw new SlsError(400, 'JobAlreadyExist', `Job ${alert.name} already exists.`);
    alerts.set(alert.name, { ...alert, status: 'ENABLED', createTime: now, lastModifiedTime: now });
    return {};
  },
  GetAlert: requireAlert,
  UpdateAlert(call) {
    const changed = readWith(updateSchema, parseJson(call.request.body));
    call.alerts.set(call.name, { ...requireAlert(call), ...changed, lastModifiedTime: call.now });
    return {};
  },
  EnableAlert: (call) => setStatus(call, 'ENABLED'),
  DisableAlert: (call) => setStatus(call, 'DISABLED'),
  DeleteAlert(call) {
    call.alerts.delete(requireAlert(call).name);
    return {};
  },
};

const pageSchema = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  size: z.coerce.number().int().min(1).max(200).default(10),
});

function setStatus(call: AlertCall, status: StoredAlert['status']): object {
  call.alerts.set(call.name, { ...requireAlert(call), status });
  return {};
}

function requireAlert({ alerts, name }: AlertCall): StoredAlert {
  const alert = alerts.get(name);
  if (!alert) throw new SlsError(404, 'JobNotExist', `Job ${name} does not exist.`);
  return alert;
}

function readWith<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw parameterInvalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`);
}
