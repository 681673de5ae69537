/** https://open.dingtalk.com/document/development/open-approval-details */
export function approvalLink(corpId: string, instanceId: string): string {
  return `https://applink.dingtalk.com/approval/detail?${new URLSearchParams({ corpId, instanceId })}`;
}
