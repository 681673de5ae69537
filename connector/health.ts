import { createServer, type Server } from 'node:http';
import type { ConnectionStatus } from './status.ts';

/** What `/healthz` says: 200 while every configured connection stands, 503 otherwise. */
export function healthOf(statuses: readonly ConnectionStatus[]): { status: number; body: string } {
  const isHealthy = statuses.every(({ connected }) => connected);
  const connections = statuses.map(({ platform, connected, since, lastFrame, lastEvent, lastFault }) => ({
    platform,
    connected,
    since: timeOf(since),
    last_frame: timeOf(lastFrame),
    last_event: timeOf(lastEvent),
    last_fault: lastFault ?? null,
  }));
  return { status: isHealthy ? 200 : 503, body: `${JSON.stringify({ healthy: isHealthy, connections })}\n` };
}

/** Answers `GET /healthz` on this address; port 0 takes a free one. */
export async function serveHealth(
  at: { host: string; port: number },
  statuses: () => readonly ConnectionStatus[],
): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    const isAsked = request.method === 'GET' && request.url?.split('?')[0] === '/healthz';
    const { status, body } = isAsked ? healthOf(statuses()) : { status: 404, body: '{"error":"only GET /healthz"}\n' };
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  const address = server.address();
  return { port: address !== null && typeof address === 'object' ? address.port : at.port, server };
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
