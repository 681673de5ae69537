import * as z from 'zod/mini';
import { errorMessage } from '../shared/errors.ts';

export type ServiceName = 'OSS' | 'EventBridge' | 'ECS' | 'RAM' | 'Function Compute' | 'Simple Log Service' | 'KMS';

/** Whatever the official clients throw: a refusal or a fault of the network, by its code. */
const codedSchema = z.object({ code: z.string() });
const MAX_MESSAGE = 300;

/** What people can do about it, by the code, which differs a little from service to service. */
const ADVICE: [RegExp, string][] = [
  [
    /AccessKey|Signature|SecurityToken/i,
    'the key of this shell is not valid there; check ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for a temporary key, ALIBABA_CLOUD_SECURITY_TOKEN',
  ],
  [/AccessDenied|Forbidden|NoPermission|Unauthorized|NotAuthorized/i, 'the key of this shell may not do this'],
  [
    /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|Timeout|RequestError/i,
    'it cannot be reached; check the network, the region in env.yaml, and the endpoint if this shell sets one',
  ],
];

/** Gives an error of a service its name, in one line, with the next step where the code tells one. */
export async function inService<T>(service: ServiceName, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const code = codedSchema.safeParse(cause).data?.code;
    const advice = ADVICE.find(([pattern]) => code !== undefined && pattern.test(code))?.[1];
    const said = errorMessage(cause).split('\n')[0]?.slice(0, MAX_MESSAGE) ?? '';
    const parts = [code === undefined || said.includes(code) ? '' : code, said, advice ?? ''];
    throw new Error(`${service}: ${parts.filter((part) => part !== '').join('; ')}`, { cause });
  }
}
