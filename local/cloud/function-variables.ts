import { createHash } from 'node:crypto';
import type { ClockPace } from '../../shared/clock.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { ENVIRONMENT } from './cloud.ts';
import { type CloudState, keysOf } from './cloud-state.ts';
import type { RealPlatforms } from './real-platforms.ts';
import { REGION } from './start-services.ts';

/** Values that the deploying shell would have for s.yaml: of the platforms, for those that are used. */
export function deployVariables(
  state: CloudState,
  platforms: readonly PlatformName[],
  real: RealPlatforms,
): Record<string, string> {
  const appOf = { dingtalk: dingtalkApp, lark: larkApp };
  const callbackOf = { dingtalk: dingtalkCallback, lark: larkCallback };
  const embedded = platforms.filter((name) => !real.names.includes(name));
  const parts = [
    ...embedded.map((name) => appOf[name](state)),
    // No callback of a real platform gets here, and nobody else knows these.
    ...platforms.map((name) => callbackOf[name](state)),
  ];
  return {
    LOOP_ENVIRONMENT: ENVIRONMENT,
    ALIYUN_REGION: REGION,
    ALIYUN_ACCOUNT_ID: state.account_id,
    ...Object.assign({}, ...parts),
    ...real.variables,
  };
}

function dingtalkApp({ dingtalk: app }: CloudState): Record<string, string> {
  return {
    DINGTALK_CORP_ID: app.corp_id,
    DINGTALK_APP_KEY: app.app_key,
    DINGTALK_APP_SECRET: app.app_secret,
    // Of a real app presses come by the connection, as they do without a route.
    DINGTALK_CARD_ROUTE: CARD_ROUTE,
    DINGTALK_CARD_SECRET: cardSecretOf(app),
  };
}

/** Under which the embedded DingTalk knows the address for presses on cards. */
export const CARD_ROUTE = 'approval-loop';

/** From the secret of the callbacks, so that what an earlier cloud has left needs no other. */
export function cardSecretOf({ callback_aes_key }: CloudState['dingtalk']): string {
  return createHash('sha256').update(`card ${callback_aes_key}`).digest('hex');
}

function dingtalkCallback({ dingtalk: app }: CloudState): Record<string, string> {
  return { DINGTALK_CALLBACK_TOKEN: app.callback_token, DINGTALK_CALLBACK_AES_KEY: app.callback_aes_key };
}

function larkApp({ lark: app }: CloudState): Record<string, string> {
  return { LARK_APP_ID: app.app_id, LARK_APP_SECRET: app.app_secret, LARK_TENANT_KEY: app.tenant_key };
}

function larkCallback({ lark: app }: CloudState): Record<string, string> {
  return { LARK_VERIFICATION_TOKEN: app.verification_token, LARK_ENCRYPT_KEY: app.encrypt_key };
}

export interface ServiceUrls {
  eventBridge: string;
  ecs: string;
  oss: string;
  kms: string;
  dingtalk: string;
  lark: string;
}

/** What tells the same bundles that the cloud is this one, but for the platforms that are not. */
export function embeddedVariables(
  urls: ServiceUrls,
  { speed, origin }: ClockPace,
  real: RealPlatforms,
): Record<string, string> {
  const isEmbedded = (name: PlatformName) => !real.names.includes(name);
  return {
    EVENT_BRIDGE_ENDPOINT: urls.eventBridge,
    ECS_ENDPOINT: urls.ecs,
    OSS_ENDPOINT: urls.oss,
    KMS_ENDPOINT: urls.kms,
    ...(isEmbedded('dingtalk') && { DINGTALK_API_ENDPOINT: urls.dingtalk, DINGTALK_OAPI_ENDPOINT: urls.dingtalk }),
    ...(isEmbedded('lark') && { LARK_ENDPOINT: urls.lark }),
    ...real.endpoints,
    CLOCK_SPEED: String(speed),
    CLOCK_ORIGIN: String(origin),
  };
}

/** What Function Compute tells a function with each call, and the connector has to be told. */
export function connectorVariables(state: CloudState): Record<string, string> {
  const { accessKeyId, accessKeySecret } = keysOf(state);
  return {
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    ALIBABA_CLOUD_REGION_ID: REGION,
    ALIBABA_CLOUD_ACCOUNT_ID: state.account_id,
    CONNECTOR_PORT: '0',
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
