import { createJournal, type Journal } from '../../shared/journal/journal.ts';
import { createMarkers, type Markers } from '../../shared/journal/markers.ts';
import { type Names, namesOf } from '../../shared/names.ts';
import type { Io } from '../io.ts';
import { type Address, findAddress, openStores } from '../operate/address.ts';
import type { Invoker } from './invocation.ts';

/** An environment whose functions can be invoked and whose journal can be read. */
export interface Place {
  names: Names;
  journal: Pick<Journal, 'read'>;
  markers: Pick<Markers, 'get'>;
  invoker: Invoker;
}

/** The cloud of this shell's key, or the embedded one that runs on `state`. */
export async function openPlace(io: Io, options: { env?: string; state: string }): Promise<Place> {
  const address = await findAddress(io, options);
  const { records, work } = openStores(address);
  return {
    names: namesOf(address.environmentName, address.accountId),
    journal: createJournal({ records, by: () => 'cli' }),
    markers: createMarkers(work),
    invoker: await createInvoker(address),
  };
}

/** The official clients take half a second to load: other commands do not pay for them. */
async function createInvoker({ region, accountId, credentials, fc, service }: Address): Promise<Invoker> {
  if (service !== undefined) {
    const { createFc2Invoker } = await import('./invoke-fc2.ts');
    return createFc2Invoker({
      region,
      accountId,
      service,
      credentials,
      ...(fc === undefined ? {} : { endpoint: fc }),
    });
  }
  const { createFc3Invoker } = await import('./invoke-fc3.ts');
  return createFc3Invoker({ region, credentials, endpoint: fc ?? `https://${accountId}.${region}.fc.aliyuncs.com` });
}
