/** Keys that sign a request. `securityToken` is present on temporary (STS) keys, such as those of a function's role. */
export interface Credentials {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken?: string;
}
