/** The calls of `@alicloud/fc2` 2.6.6 that are used here; the package has no types. */
declare module '@alicloud/fc2' {
  interface Options {
    accessKeyID: string;
    accessKeySecret: string;
    securityToken?: string;
    region: string;
    endpoint?: string;
    secure: boolean;
    timeout: number;
  }
  class FC2 {
    constructor(accountId: string, options: Options);
    invokeFunction(
      service: string,
      name: string,
      event: Buffer,
      headers: Record<string, string>,
      qualifier: string,
      options: { rawBuf: boolean },
    ): Promise<{ headers: Record<string, string | undefined>; data: unknown }>;
  }
  export = FC2;
}
