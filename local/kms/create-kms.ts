import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { ApiError } from '../cloud-assistant/api-error.ts';
import { parameterTree } from '../cloud-assistant/parameter-tree.ts';
import { readCall } from '../cloud-assistant/read-call.ts';
import { writeAnswer } from '../cloud-assistant/write-answer.ts';
import { type Faults, withFaults } from '../faults.ts';
import type { HttpHandler } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { createNonceMemory } from '../signatures/nonce-memory.ts';
import { verifySignature } from '../signatures/verify-signature.ts';
import { openSecrets, type Secrets } from './keep-secrets.ts';

export interface KmsOptions {
  identities: Identities;
  /** The time callers sign with. */
  clock: Clock;
  faults: Faults;
  newId: () => string;
  /** Where secrets are kept. */
  directory: string;
}

export interface Kms {
  handle: HttpHandler;
}

const VERSION = '2016-01-20';

/** The embedded Key Management Service; what it speaks and what it does not is in the README beside this file. */
export function createKms({ identities, clock, faults, newId, directory }: KmsOptions): Kms {
  const { secrets, save } = openSecrets(directory);
  const nonces = createNonceMemory({ clock });
  const refuse = ({ status, code, message }: { status: number; code: string; message: string }) =>
    writeAnswer('JSON', status, 'Error', {
      HttpCode: status,
      Code: code,
      Message: message,
      RequestId: newId(),
      HostId: 'kms.aliyuncs.com',
    });
  const handle: HttpHandler = async (request) => {
    const call = readCall(request);
    const { refusal } = verifySignature(request, { identities, clock, nonces });
    if (refusal) return refuse(refusal);
    const operation = OPERATIONS[call.action];
    if (!operation || call.version !== VERSION)
      return refuse({ status: 404, code: 'InvalidAction.NotFound', message: `${call.action} is not emulated.` });
    try {
      const body = operation(secrets, parameterTree(call.parameters));
      if (!/^(Get|Describe)/.test(call.action)) save();
      return writeAnswer(call.format, 200, `${call.action}Response`, { RequestId: newId(), ...body });
    } catch (error) {
      if (error instanceof ApiError) return refuse(error);
      throw error;
    }
  };
  return {
    handle: withFaults(handle, {
      service: 'kms',
      faults,
      operationOf: (request) => readCall(request).action,
      errorResponse: (status, code, message) => refuse({ status, code, message }),
    }),
  };
}

type Operation = (secrets: Secrets, parameters: unknown) => object;

const SecretName = z.string().regex(/^[A-Za-z0-9_/+=.@-]{1,192}$/);
const named = z.object({ SecretName });
const withValue = named.extend({
  SecretData: z.string().min(1).max(30_720),
  VersionId: z.string().min(1).max(64),
  SecretDataType: z.enum(['text', 'binary']).default('text'),
});

/** https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-overview */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateSecret(secrets, parameters) {
    const { SecretName: name, ...version } = readWith(withValue, parameters);
    if (secrets.has(name)) throw new ApiError(409, 'Rejected.ResourceExist', 'The secret exists.');
    secrets.set(name, version);
    return { SecretName: name, VersionId: version.VersionId };
  },
  PutSecretValue(secrets, parameters) {
    const { SecretName: name, ...version } = readWith(withValue, parameters);
    requireSecret(secrets, name);
    secrets.set(name, version);
    return { SecretName: name, VersionId: version.VersionId };
  },
  DeleteSecret(secrets, parameters) {
    const { SecretName: name } = readWith(named, parameters);
    requireSecret(secrets, name);
    secrets.delete(name);
    return { SecretName: name };
  },
  DescribeSecret(secrets, parameters) {
    const { SecretName: name } = readWith(named, parameters);
    requireSecret(secrets, name);
    return { SecretName: name, SecretType: 'Generic' };
  },
  GetSecretValue(secrets, parameters) {
    const { SecretName: name } = readWith(named, parameters);
    const VersionStages = { VersionStage: ['ACSCurrent'] };
    return { SecretName: name, SecretType: 'Generic', VersionStages, ...requireSecret(secrets, name) };
  },
};

function requireSecret(secrets: Secrets, name: string) {
  const secret = secrets.get(name);
  if (!secret) throw new ApiError(404, 'Forbidden.ResourceNotFound', 'Resource not found.');
  return secret;
}

function readWith<S extends z.ZodType>(schema: S, parameters: unknown): z.infer<S> {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const name = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new ApiError(400, 'InvalidParameter', `The parameter ${name} is missing or not valid.`);
}
