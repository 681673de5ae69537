import type { Cloud } from '../local/cloud/cloud.ts';
import type { PlatformName } from '../shared/ids.ts';
import { ownHttpSource } from '../shared/workflows/http-source-schema.ts';
import { peopleHttp } from './people-http.ts';

/** Posts an approval to the HTTP event source, as a flow of the company does, or whoever knows the URL. */
export async function postHint(platform: PlatformName, instanceId: string, { httpSources }: Cloud): Promise<void> {
  const url = httpSources[ownHttpSource(platform)];
  if (url === undefined) throw new Error(`there is no HTTP event source for ${platform}`);
  const headers = { 'content-type': 'application/json' };
  await peopleHttp({ service: 'flow', method: 'POST', url, headers, body: JSON.stringify({ 审批: instanceId }) });
}
