/**
 * A RAM policy, as the API takes it:
 * https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax
 */
export interface Policy {
  Version: '1';
  Statement: readonly Statement[];
}

export interface Statement {
  Effect: 'Allow';
  Action: readonly string[];
  Resource: readonly string[];
  Condition?: { StringEquals: Readonly<Record<string, readonly string[]>> };
}

/** Who may take a role on: the functions of Function Compute, and nobody else. */
export interface TrustPolicy {
  Version: '1';
  Statement: readonly { Effect: 'Allow'; Action: 'sts:AssumeRole'; Principal: { Service: readonly string[] } }[];
}

/** https://www.alibabacloud.com/help/en/functioncompute/fc/grant-function-compute-permissions-to-access-other-alibaba-cloud-services */
export const FUNCTION_TRUST: TrustPolicy = {
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
};
