import { isIP } from 'node:net';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import SlsClient, { CreateAlertRequest, ListAlertsRequest, UpdateAlertRequest } from '@alicloud/sls20201230';
import * as z from 'zod';
import { logPlaceOf } from '../log-place.ts';
import type { SetupTarget } from '../target.ts';
import type { AlertDefinition } from './alert-definition.ts';

const tagSchema = z.object({ key: z.string(), value: z.string() });
const alertSchema = z.object({
  name: z.string(),
  displayName: z.string().default(''),
  status: z.string().optional(),
  schedule: z.looseObject({}),
  configuration: z.looseObject({ labels: z.array(tagSchema).optional(), muteUntil: z.number().optional() }),
});
const pageSchema = z.object({ results: z.array(alertSchema).default([]), total: z.number().default(0) });

/** An alert as Simple Log Service has it. */
export type FoundAlert = z.infer<typeof alertSchema>;

/** The alerts of the log project of the functions. */
export interface LogService {
  /** Undefined where there is no such project. */
  listAlerts(): Promise<FoundAlert[] | undefined>;
  createAlert(alert: AlertDefinition): Promise<void>;
  /** A time until which somebody has muted it stays. */
  updateAlert(alert: AlertDefinition, muteUntil: number | undefined): Promise<void>;
  enableAlert(name: string): Promise<void>;
  deleteAlert(name: string): Promise<void>;
}

/** A page has at most 200: https://www.alibabacloud.com/help/en/sls/developer-reference/api-sls-2020-12-30-listalerts */
const PAGE = 200;

export function createLogServiceClient(target: SetupTarget): LogService {
  const client = new SlsClient(configOf(target));
  const { project } = logPlaceOf(target);
  return {
    listAlerts: () => listAll((page) => client.listAlerts(project, new ListAlertsRequest(page))),
    async createAlert(alert) {
      await client.createAlert(project, new CreateAlertRequest(alert));
    },
    async updateAlert({ name, configuration, ...rest }, muteUntil) {
      const kept = muteUntil === undefined ? configuration : { ...configuration, muteUntil };
      await client.updateAlert(project, name, new UpdateAlertRequest({ ...rest, configuration: kept }));
    },
    async enableAlert(name) {
      await client.enableAlert(project, name);
    },
    async deleteAlert(name) {
      await client.deleteAlert(project, name);
    },
  };
}

type Page = Awaited<ReturnType<SlsClient['listAlerts']>>;
const missingSchema = z.object({ code: z.literal('ProjectNotExist') });

async function listAll(
  list: (page: { offset: number; size: number }) => Promise<Page>,
): Promise<FoundAlert[] | undefined> {
  const found: FoundAlert[] = [];
  try {
    for (;;) {
      const { body } = await list({ offset: found.length, size: PAGE });
      const { results, total } = pageSchema.parse(body);
      found.push(...results);
      if (results.length === 0 || found.length >= total) return found;
    }
  } catch (error) {
    if (missingSchema.safeParse(error).success) return undefined;
    throw error;
  }
}

/** https://www.alibabacloud.com/help/en/sls/developer-reference/api-sls-2020-12-30-endpoint */
function configOf({ region, credentials, endpoints }: SetupTarget): $OpenApiUtil.Config {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const url = new URL(endpoints.sls ?? `https://${region}.log.aliyuncs.com`);
  return new $OpenApiUtil.Config({
    accessKeyId,
    accessKeySecret,
    ...(securityToken === undefined ? {} : { securityToken }),
    // The client puts "<project>." before it, and no name leads below an address: up to an "@" none is looked up.
    endpoint: isIP(url.hostname) ? `local@${url.host}` : url.host,
    protocol: url.protocol.slice(0, -1),
    regionId: region,
    connectTimeout: 20_000,
    readTimeout: 20_000,
  });
}
