import type { HttpResponse } from '../http/server.ts';
import type { Refusal } from '../signatures/verification.ts';
import type { RpcCall } from './read-call.ts';
import type { State } from './state.ts';

/** An answer in the format the caller asked for; `root` is the name of the XML element. */
export function writeAnswer(format: RpcCall['format'], status: number, root: string, body: object): HttpResponse {
  if (format === 'JSON') {
    return { status, headers: { 'content-type': 'application/json;charset=utf-8' }, body: JSON.stringify(body) };
  }
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, body)}`;
  return { status, headers: { 'content-type': 'text/xml;charset=utf-8' }, body: xml };
}

/** An answer in the service's error shape. */
export function writeRefusal(
  { region, newId }: Pick<State, 'region' | 'newId'>,
  format: RpcCall['format'],
  { status, code, message }: Refusal,
): HttpResponse {
  return writeAnswer(format, status, 'Error', {
    RequestId: newId().toUpperCase(),
    HostId: `ecs.${region}.aliyuncs.com`,
    Code: code,
    Message: message,
    Recommend: `https://api.aliyun.com/troubleshoot?q=${encodeURIComponent(code)}&product=Ecs`,
  });
}

/** A list is its element repeated, as `<Tags><Tag>…</Tag><Tag>…</Tag></Tags>`. */
function element(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  const isRecord = typeof value === 'object' && value !== null;
  const inner = isRecord
    ? Object.entries(value)
        .map(([key, child]) => element(key, child))
        .join('')
    : escapeXml(value);
  return `<${name}>${inner}</${name}>`;
}

function escapeXml(value: unknown): string {
  return String(value).replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;' })[char] ?? '&gt;');
}
