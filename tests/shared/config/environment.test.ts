import {
  EnvironmentError,
  environmentSchema,
  isSet,
  NOT_SET,
  readVariables,
} from '../../../shared/config/environment.ts';
import { sourceEnvironmentSchema } from '../../../shared/platforms/dingtalk/environment.ts';

test('fills in what has a default and keeps what is given', () => {
  expect(readVariables(environmentSchema, { LOOP_ENVIRONMENT: 'dev', HOME: '/root' })).toEqual({
    LOOP_ENVIRONMENT: 'dev',
    LOG_LEVEL: 'info',
    CLOCK_SPEED: 1,
    CLOCK_ORIGIN: 1,
  });
  const given = {
    LOOP_ENVIRONMENT: 'prod-2',
    ECS_ENDPOINT: 'http://127.0.0.1:8080',
    LOG_LEVEL: 'debug',
    CLOCK_SPEED: '60',
    CLOCK_ORIGIN: '1788228000000',
  };
  expect(readVariables(environmentSchema, given)).toEqual({ ...given, CLOCK_SPEED: 60, CLOCK_ORIGIN: 1788228000000 });
});

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['what s.yaml puts where the deploying shell has nothing', NOT_SET],
])('a variable that is %s counts as not set', (_, value) => {
  expect(isSet(value)).toBe(false);
  expect(() => readVariables(environmentSchema, { LOOP_ENVIRONMENT: value })).toThrow(
    new EnvironmentError("the function's environment is wrong: LOOP_ENVIRONMENT is not set"),
  );
  expect(readVariables(environmentSchema, { LOOP_ENVIRONMENT: 'dev', LOG_LEVEL: value }).LOG_LEVEL).toBe('info');
});

test('names every variable that is missing or malformed at once, each once, and shows no value', () => {
  const variables = {
    LOOP_ENVIRONMENT: 'Produktion!',
    ECS_ENDPOINT: 'https://ecs.aliyuncs.com/path?token=secret',
    OSS_ENDPOINT: 'oss',
    LOG_LEVEL: 'loud',
    CLOCK_SPEED: 'fast',
    CLOCK_ORIGIN: '-1',
  };
  const url = 'must be http(s)://host[:port] without a path';
  expect(() => readVariables(environmentSchema, variables)).toThrow(
    new EnvironmentError(
      [
        "the function's environment is wrong: LOOP_ENVIRONMENT must be 1 to 16 of a-z, 0-9 and -",
        `ECS_ENDPOINT ${url}`,
        `OSS_ENDPOINT ${url}`,
        'LOG_LEVEL must be debug, info, warn, error',
        'CLOCK_SPEED must be a number above 0',
        'CLOCK_ORIGIN must be a number above 0',
      ].join('; '),
    ),
  );
});

test('names what is missing beside what is malformed for a platform', () => {
  const variables = { DINGTALK_CORP_ID: 'ding1', DINGTALK_APP_KEY: 'not-set', DINGTALK_CALLBACK_AES_KEY: 'short' };
  expect(() => readVariables(sourceEnvironmentSchema, variables)).toThrow(
    new EnvironmentError(
      "the function's environment is wrong: DINGTALK_APP_KEY is not set; DINGTALK_APP_SECRET is not set; " +
        'DINGTALK_CALLBACK_TOKEN is not set; DINGTALK_CALLBACK_AES_KEY must be the 43 characters of EncodingAESKey',
    ),
  );
});

test.each(['a', 'dev', 'a-1', 'a'.repeat(16)])('an environment may be named %s', (name) => {
  expect(readVariables(environmentSchema, { LOOP_ENVIRONMENT: name }).LOOP_ENVIRONMENT).toBe(name);
});

test.each(['1a', '-a', 'Dev', 'a_b', 'a'.repeat(17), '开发', 'dev '])('an environment may not be named %j', (name) => {
  expect(() => readVariables(environmentSchema, { LOOP_ENVIRONMENT: name })).toThrow('LOOP_ENVIRONMENT must be');
});

test.each(['0', '-1', 'NaN', 'x', ' '])('the clock does not run at speed %j', (speed) => {
  expect(() => readVariables(environmentSchema, { LOOP_ENVIRONMENT: 'dev', CLOCK_SPEED: speed })).toThrow(
    'CLOCK_SPEED must be a number above 0',
  );
});
