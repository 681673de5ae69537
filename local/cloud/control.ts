import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { parseJson } from '../../shared/json.ts';
import { faultRuleSchema } from '../faults.ts';
import type { Cloud } from './cloud.ts';
import { groupMessages } from './group-messages.ts';
import { saidSchema, sayInGroup } from './say-in-group.ts';

export interface Control {
  url: string;
  token: string;
  close(): Promise<void>;
}

const agentSchema = z.strictObject({ instance_id: z.string(), online: z.boolean() });
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The embedded cloud's own door, for what no real service offers: `GET /activity` streams what happens as JSON lines,
 * `GET /messages` shows the groups of both platforms, `GET /variables` tells a function outside of the cloud what one inside gets,
 * `POST /faults` asks for misbehaviour (an array of rules; `[]` ends it), `POST /agents` takes an instance's agent off
 * line, `POST /say` has a person mention the robot in a group. A bearer token keeps web pages on the same machine out.
 */
export async function startControl(cloud: Cloud, token: string): Promise<Control> {
  const server = createServer((request, response) => {
    answer(cloud, token, request, response).catch((error) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(cloud: Cloud, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control');
  if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`))
    return send(response, 401, { error: 'a bearer token is needed' });
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /activity':
      return stream(cloud, Number(url.searchParams.get('since') ?? Number.NaN), response);
    case 'GET /messages':
      return send(response, 200, groupMessages(cloud));
    case 'GET /variables':
      return send(response, 200, { variables: cloud.variables, environment: cloud.environment, clock: cloud.pace });
    case 'POST /faults': {
      const rules = z.array(faultRuleSchema).parse(await readJson(request));
      cloud.faults.clear();
      for (const rule of rules) cloud.faults.add(rule);
      return send(response, 200, { rules: rules.length });
    }
    case 'POST /agents': {
      const { instance_id, online } = agentSchema.parse(await readJson(request));
      cloud.setAgentOnline(instance_id, online);
      return send(response, 200, { instance_id, online });
    }
    case 'POST /say': {
      await sayInGroup(cloud, saidSchema.parse(await readJson(request)));
      return send(response, 200, {});
    }
    default:
      return send(response, 404, {
        error: 'there are GET /activity, GET /messages, GET /variables, POST /faults, POST /agents and POST /say',
      });
  }
}

function stream(cloud: Cloud, since: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  const write = (entry: object) => void response.write(`${JSON.stringify(entry)}\n`);
  const stop = cloud.activity.watch(write, Number.isNaN(since) ? undefined : since);
  response.once('close', stop);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > MAX_BODY_BYTES) throw new Error(`a body of at most ${MAX_BODY_BYTES} bytes is taken`);
  return parseJson(await text(request));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sameText(a: string, b: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(a), digest(b));
}
