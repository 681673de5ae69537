/** https://open.feishu.cn/document/uAjLw4CM/uYjL24iN/applink-protocol/supported-protocol/open-an-approval-page */
const LINKS = {
  feishu: 'https://applink.feishu.cn/client/mini_program/open?appId=cli_9cb844403dbb9108',
  lark: 'https://applink.larksuite.com/client/mini_program/open?appId=cli_9c7cc8a9a9edd105',
} as const;

export function approvalLink(domain: keyof typeof LINKS, instanceId: string): string {
  return `${LINKS[domain]}&path=${encodeURIComponent(`pages/detail/index?instanceId=${instanceId}`)}`;
}
