import { randomBytes } from 'node:crypto';
import { createAdvanceIngest } from '../functions/ingest/create-advance-ingest.ts';
import { createAnswer } from '../functions/ingest/group/answer-question.ts';
import { createAsking } from '../functions/ingest/group/asking.ts';
import { createTakeQuestion } from '../functions/ingest/group/take-question.ts';
import { createTakeHint } from '../functions/ingest/take-hint.ts';
import { createTakePress } from '../functions/ingest/take-press.ts';
import { createSystemClock } from '../shared/clock.ts';
import { callHttp } from '../shared/http/call.ts';
import type { Log } from '../shared/log.ts';
import { createDingtalkReader } from '../shared/platforms/dingtalk/create-reader.ts';
import { createLarkReader } from '../shared/platforms/lark/create-reader.ts';
import { endpointOf } from '../shared/platforms/lark/environment.ts';
import type { ApprovalReader } from '../shared/platforms/platform.ts';
import type { PlatformTools } from '../shared/platforms/tools.ts';
import { createRuntime } from '../shared/runtime/create-runtime.ts';
import { files } from '../workflows.yaml';
import { type CallbackTakers, createAnswerCallback } from './answer-callback.ts';
import { createAnswerEvent } from './answer-event.ts';
import type { Transport } from './connection.ts';
import { type Connector, createConnector } from './create-connector.ts';
import { createStreamTransport } from './dingtalk/stream-transport.ts';
import type { ConnectorEnvironment } from './environment.ts';
import { createLongConnection } from './lark/long-connection.ts';
import { createPressTakers } from './press-takers.ts';
import { createQuestionTakers } from './question-takers.ts';

/** The connector on the real clock, network and chance. Its journal names it as an ingest of its own. */
export function wire(environment: ConnectorEnvironment): { connector: Connector; log: Log } {
  const { cloud } = environment;
  const context = {
    requestId: `connector-${randomBytes(8).toString('hex')}`,
    region: cloud.ALIBABA_CLOUD_REGION_ID,
    accountId: cloud.ALIBABA_CLOUD_ACCOUNT_ID,
    credentials: {
      accessKeyId: cloud.ALIBABA_CLOUD_ACCESS_KEY_ID,
      accessKeySecret: cloud.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
      securityToken: cloud.ALIBABA_CLOUD_SECURITY_TOKEN,
    },
  };
  const names = (['dingtalk', 'lark'] as const).filter((name) => environment[name]);
  const runtime = createRuntime('ingest', context, files, ['on', 'groups'], process.env, () => names);
  const log = runtime.log.with({ function: 'connector' });
  const sources = readersOf(environment, runtime.tools);
  const options = { ...runtime, ...createAsking(runtime), log, sources };
  const accept = createAdvanceIngest(options);
  const takeHint = createTakeHint({ ...options, accept });
  // What is measured on the wire is the machine's time, also where the embedded cloud's runs faster.
  const clock = createSystemClock();
  const takeQuestion = createTakeQuestion({ ...options, answer: createAnswer(options) });
  const takers = {
    ...createPressTakers({ ...options, takePress: createTakePress({ ...options, accept }) }),
    ...createQuestionTakers({ ...options, takeQuestion }),
  };
  const connector = createConnector({
    transports: transportsOf(environment, takers),
    answer: createAnswerEvent({ ...options, takeHint, clock }),
    answerCallback: createAnswerCallback({ takers, clock, log }),
    clock,
    random: Math.random,
    log,
    flush: runtime.usage.flush,
  });
  return { connector, log };
}

function readersOf({ dingtalk, lark }: ConnectorEnvironment, tools: PlatformTools): ApprovalReader[] {
  return [
    ...(dingtalk ? [createDingtalkReader(dingtalk, tools)] : []),
    ...(lark ? [createLarkReader(lark, tools)] : []),
  ];
}

function transportsOf({ dingtalk, lark }: ConnectorEnvironment, takers: CallbackTakers): Transport[] {
  const topics = Object.keys(takers);
  const stream = dingtalk && {
    clientId: dingtalk.DINGTALK_APP_KEY,
    clientSecret: dingtalk.DINGTALK_APP_SECRET,
    apiEndpoint: dingtalk.DINGTALK_API_ENDPOINT,
    callbackTopics: topics.filter((topic) => topic.startsWith('/')),
  };
  const long = lark && {
    appId: lark.LARK_APP_ID,
    appSecret: lark.LARK_APP_SECRET,
    endpoint: endpointOf(lark),
    callbackTypes: topics,
  };
  return [
    ...(stream ? [createStreamTransport(stream, callHttp)] : []),
    ...(long ? [createLongConnection(long, callHttp)] : []),
  ];
}
