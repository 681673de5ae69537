import type { ClockPace } from '../../shared/clock.ts';
import { ENVIRONMENT } from './cloud.ts';
import type { CloudState } from './cloud-state.ts';
import { REGION } from './start-services.ts';

/** Values that the deploying shell would have for s.yaml. */
export function deployVariables(state: CloudState): Record<string, string> {
  return {
    LOOP_ENVIRONMENT: ENVIRONMENT,
    ALIYUN_REGION: REGION,
    ALIYUN_ACCOUNT_ID: state.account_id,
    DINGTALK_CORP_ID: state.dingtalk.corp_id,
    DINGTALK_APP_KEY: state.dingtalk.app_key,
    DINGTALK_APP_SECRET: state.dingtalk.app_secret,
    DINGTALK_CALLBACK_TOKEN: state.dingtalk.callback_token,
    DINGTALK_CALLBACK_AES_KEY: state.dingtalk.callback_aes_key,
  };
}

/** What tells the same bundles that the cloud is this one. */
export function embeddedVariables(
  urls: { eventBridge: string; ecs: string; oss: string; dingtalk: string },
  { speed, origin }: ClockPace,
): Record<string, string> {
  return {
    EVENT_BRIDGE_ENDPOINT: urls.eventBridge,
    ECS_ENDPOINT: urls.ecs,
    OSS_ENDPOINT: urls.oss,
    DINGTALK_API_ENDPOINT: urls.dingtalk,
    DINGTALK_OAPI_ENDPOINT: urls.dingtalk,
    CLOCK_SPEED: String(speed),
    CLOCK_ORIGIN: String(origin),
  };
}

/**
 * The origin that makes a function's clock wrong by `skewMs`: its time is `origin + (now - origin) * speed`, so at speed
 * 1 there is none.
 */
export function skewedOrigin({ speed, origin }: ClockPace, skewMs: number): number {
  if (skewMs === 0) return origin;
  if (speed === 1) throw new RangeError('a clock that runs at speed 1 is never wrong; take another speed');
  return origin + skewMs / (1 - speed);
}
