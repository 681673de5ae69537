import type { Clock } from '../../shared/clock.ts';
import { type Faults, withFaults } from '../faults.ts';
import type { HttpHandler, HttpRequest } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { openProjects } from './keep-alerts.ts';
import { OPERATIONS, operationOf } from './operations.ts';
import { answer, errorResponse, SlsError } from './sls-error.ts';
import { verifySignature } from './verify-signature.ts';

export interface LogServiceOptions {
  identities: Identities;
  /** The time callers sign with. */
  clock: Clock;
  faults: Faults;
  newId: () => string;
  /** Where alerts are kept. */
  directory: string;
  /** Names of the projects there are. */
  projects: readonly string[];
}

export interface LogService {
  handle: HttpHandler;
}

/** The embedded Simple Log Service; what it speaks and what it does not is in the README beside this file. */
export function createLogService({ projects: names, ...options }: LogServiceOptions): LogService {
  const { clock, faults, newId } = options;
  const { projects, save } = openProjects(names, options.directory);
  const perform = (request: HttpRequest): object => {
    verifySignature(request, options);
    const operation = OPERATIONS[operationOf(request)];
    if (!operation) throw new SlsError(404, 'InvalidAPI', 'This operation is not emulated.');
    const project = projectOf(request);
    const alerts = projects.get(project);
    if (!alerts) throw new SlsError(404, 'ProjectNotExist', `Project ${project} does not exist.`);
    const [, , name = ''] = request.rawPath.split('/');
    const result = operation({ alerts, request, name, now: Math.floor(clock.now() / 1000) });
    if (request.method !== 'GET') save();
    return result;
  };
  const handle: HttpHandler = async (request) => {
    const requestId = newId();
    try {
      return answer(200, perform(request), requestId);
    } catch (error) {
      if (error instanceof SlsError) return errorResponse(error, requestId);
      throw error;
    }
  };
  return {
    handle: withFaults(handle, {
      service: 'sls',
      faults,
      operationOf,
      errorResponse: (status, code, message) => errorResponse(new SlsError(status, code, message), newId()),
    }),
  };
}

/** The name of the host begins with it. */
function projectOf({ headers }: HttpRequest): string {
  return headers.host?.split('.')[0] ?? '';
}
