/**
 * The error codes this service answers with, their HTTP status and text. Sources: the error tables of
 * https://www.alibabacloud.com/help/en/ecs/api-invokecommand and its sister pages.
 */
const API_ERRORS = {
  InternalError: [500, 'The request processing has failed due to some unknown error.'],
  InvalidParameter: [400, 'The specified parameter is not valid.'],
  'InvalidApi.NotFound': [404, 'Specified api is not found, please check your url and method.'],
  'InvalidRegionId.NotFound': [404, 'The specified RegionId does not exist.'],
  'Operation.Forbidden': [403, 'The operation is not permitted.'],
  IdempotentParameterMismatch: [
    403,
    'The request uses the same client token as a previous, but non-identical request.',
  ],
  'InvalidClientToken.Malformed': [400, 'ClientToken must be at most 64 ASCII characters.'],

  'InvalidCmdId.NotFound': [404, 'The specified command ID does not exist.'],
  'InvalidCmdType.NotFound': [404, 'The specified command type does not exist.'],
  'CmdName.ExceedLimit': [403, 'The length of the command name exceeds the limit of 128 characters.'],
  'CmdDesc.ExceedLimit': [403, 'The length of the command description exceeds the limit of 512 characters.'],
  'CmdContent.ExceedLimit': [403, 'The length of the Base64-encoded command content exceeds the limit of 24 KB.'],
  'CmdContent.DecodeError': [400, 'The command content is not valid Base64.'],
  'CmdCount.ExceedQuota': [403, 'The number of commands in the region exceeds the quota of 500.'],
  'CmdParam.EmptyKey': [400, 'A parameter name in the command content is empty.'],
  'CmdParam.InvalidParamName': [400, 'A parameter name may contain only letters, digits, hyphens and underscores.'],
  'CmdParamName.ExceedLimit': [403, 'The length of a parameter name exceeds the limit of 64 bytes.'],
  'CmdParamCount.ExceedLimit': [403, 'The number of parameters in the command exceeds the limit of 20.'],
  'InvalidParameterCharacter.CommandName': [403, 'The command name contains control characters.'],
  'InvalidParameterCharacter.CommandWorkingDir': [403, 'The working directory contains control characters.'],
  'InvalidParameter.WorkingDir': [400, 'The length of the working directory exceeds the limit of 200 characters.'],
  'InvalidTimeout.ExceedLimit': [403, 'The timeout must be a whole number of seconds from 10 to 86400.'],
  'InvalidLauncher.LengthLimitExceeded': [403, 'The length of the launcher exceeds the limit of 1 KB.'],

  'MissingParam.InstanceId': [400, 'No instance is specified.'],
  'InstanceIds.ExceedLimit': [403, 'The number of instance IDs exceeds the limit.'],
  'InvalidInstance.NotFound': [404, 'The specified instance does not exist.'],
  'InvalidInstance.NotMatch': [400, 'The specified instance type does not match the command.'],
  'InvalidResourceTag.InstanceNotFound': [400, 'No instance has the specified resource tags.'],
  'InvalidResourceTag.ConflictWithInstanceIds': [400, 'InstanceId and ResourceTag cannot be used together.'],
  'NumberExceed.ResourceTags': [400, 'The number of resource tags exceeds the limit.'],
  'MissingParameter.ResourceTagKey': [400, 'A resource tag has no key.'],
  'InvalidResourceTagKey.Malformed': [400, 'A resource tag key is malformed.'],
  'InvalidResourceTagValue.Malformed': [400, 'A resource tag value is malformed.'],
  'Duplicate.ResourceTagKey': [400, 'A resource tag key is used twice.'],

  'InvalidRepeatMode.NotFound': [404, 'The specified RepeatMode does not exist.'],
  'InvalidTerminationMode.NotFound': [404, 'The specified TerminationMode does not exist.'],
  'Username.ExceedLimit': [403, 'The length of the username exceeds the limit of 255 characters.'],
  'Parameter.Disabled': [400, 'Parameters are given, but the command was created without EnableParameter.'],
  'Parameter.NotMatched': [403, 'A parameter is not defined in the command.'],
  'ParameterCount.ExceedLimit': [403, 'The number of parameters exceeds the limit of 10.'],
  'ParameterKey.ExceedLimit': [403, 'The length of a parameter name must be 1 to 64 characters.'],
  'ParameterKey.Duplicate': [403, 'Parameter names are not case-sensitive, and one is used twice.'],
  'ParameterType.NotSupported': [403, 'A parameter value is not a string.'],
  'InvalidParameter.Parameters': [400, 'Parameters is not a JSON object.'],

  'NumberExceed.Tags': [400, 'The number of tags exceeds the limit of 20.'],
  'MissingParameter.TagKey': [400, 'A tag has no key.'],
  'InvalidTagKey.Malformed': [400, 'A tag key is malformed.'],
  'InvalidTagValue.Malformed': [400, 'A tag value is malformed.'],
  'Duplicate.TagKey': [400, 'A tag key is used twice.'],
  'InvalidParam.PageNumber': [400, 'PageNumber must be a whole number from 1.'],
  'InvalidParam.PageSize': [400, 'PageSize must be a whole number from 1 to the limit.'],
  'InvalidParameter.MaxResults': [400, 'MaxResults must be a whole number from 1 to the limit.'],
  'InvalidParameter.NextToken': [400, 'The specified NextToken is not valid.'],

  'InvalidInvokeId.NotFound': [404, 'The specified invoke ID does not exist.'],
  'InvalidInstanceId.NotFound': [404, 'The invocation does not include the specified instance.'],

  'FileName.ExceedLimit': [403, 'The length of the file name exceeds the limit of 255 characters.'],
  'FileDesc.ExceedLimit': [403, 'The length of the file description exceeds the limit of 512 characters.'],
  'FileSize.ExceedLimit': [403, 'The length of the Base64-encoded file content exceeds the limit of 32 KB.'],
  'FileContent.DecodeError': [400, 'The file content is not valid Base64.'],
  'FileContentType.Invalid': [400, 'ContentType must be PlainText or Base64.'],
  'FileTargetDir.Invalid': [400, 'TargetDir must be an absolute path of at most 255 characters.'],
  'FileMode.Invalid': [400, 'FileMode must be three or four octal digits.'],
  'InvalidParameter.FileOwner': [400, 'The length of FileOwner exceeds the limit of 64 characters.'],
  'InvalidParameter.FileGroup': [400, 'The length of FileGroup exceeds the limit of 64 characters.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** Ends an operation with an answer in the service's error shape. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** `detail` says which parameter or value it was. */
export function apiError(code: ApiErrorCode, detail?: string): ApiError {
  const [status, message] = API_ERRORS[code];
  return new ApiError(status, code, detail ? `${message} (${detail})` : message);
}

export function missingParameter(name: string): ApiError {
  return new ApiError(400, `Missing${name}`, `${name} is mandatory for this action.`);
}

/** For what the real service does and this one does not. */
export function notEmulated(what: string): ApiError {
  return apiError('Operation.Forbidden', `${what} is not emulated`);
}

export function isApiErrorCode(text: string): text is ApiErrorCode {
  return Object.hasOwn(API_ERRORS, text);
}
