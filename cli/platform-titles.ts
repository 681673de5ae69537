import type { PlatformName } from '../shared/ids.ts';

/** The platforms as people write them. */
export const PLATFORM_TITLES: Readonly<Record<PlatformName, string>> = { dingtalk: 'DingTalk', lark: 'Lark' };
