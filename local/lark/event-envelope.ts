import type { Organisation } from './organisation.ts';

interface Sent {
  /** The event's own id, the same on every try. */
  id: string;
  /** An event type, or that of a callback. */
  type: string;
  schema: '1.0' | '2.0';
  event: Record<string, unknown>;
  created: number;
}

/** https://open.feishu.cn/document/ukTMukTMukTM/uUTNz4SN1MjL1UzM ; milliseconds in `create_time` were seen. */
export function envelopeOf({ id, type, schema, event, created }: Sent, token: string, organisation: Organisation) {
  if (schema === '1.0') return { ts: (created / 1000).toFixed(6), uuid: id, token, type: 'event_callback', event };
  const { tenant_key, app } = organisation;
  const header = {
    event_id: id,
    token,
    create_time: String(created),
    event_type: type,
    tenant_key,
    app_id: app.app_id,
  };
  return { schema: '2.0', header, event };
}
