import { errorMessage } from '../../shared/errors.ts';
import { parseTrigger } from '../../shared/events.ts';
import { leaveTrace } from '../../shared/journal/signs-of-life.ts';
import { configuredSources, createSources } from '../../shared/platforms/create-sources.ts';
import type { Variables } from '../../shared/platforms/tools.ts';
import { createGiveUp } from '../../shared/request/park.ts';
import { sweep } from '../../shared/request/sweep.ts';
import { createRuntime } from '../../shared/runtime/create-runtime.ts';
import { currentVariables } from '../../shared/runtime/current-variables.ts';
import { findWorkflow } from '../../shared/workflows/lookups.ts';
import { files } from '../../workflows.yaml';
import { createAdvanceIngest } from './create-advance-ingest.ts';
import { createAnswer } from './group/answer-question.ts';
import { createAsking } from './group/asking.ts';
import { createTakeQuestion, sweepQuestions } from './group/take-question.ts';
import { parseHttpEvent, toHttpAnswer } from './http-event.ts';
import { createLookUps } from './look-ups.ts';
import { parsePosted } from './posted-event.ts';
import { createReceive, jsonReply } from './receive.ts';
import { createReconcile } from './reconcile.ts';
import { createTakeHint } from './take-hint.ts';
import { createTakePosted } from './take-posted.ts';
import { createTakePress } from './take-press.ts';

/**
 * DingTalk gives a callback 2,500 ms (1,500 on an older page) from cold start to answer, Lark 3,000; what the accept
 * step cannot do in this time the sweep does.
 */
const ACCEPT_BUDGET_MS = 1_000;
const SWEEP_BUDGET_MS = 40_000;
/** Nobody waits for what was posted to an HTTP event source. */
const POSTED_BUDGET_MS = 20_000;

function wire(context: unknown, variables: Variables) {
  const runtime = createRuntime('ingest', context, files, ['on', 'groups'], variables, configuredSources);
  const sources = createSources(runtime.variables, runtime.tools);
  const options = { ...runtime, ...createAsking(runtime), sources };
  const workflowOf = async (requestId: string) => {
    const marker = await runtime.markers.get(requestId);
    return (marker && findWorkflow(runtime.workflows, marker.platform, marker.code)?.name) ?? '';
  };
  const advance = createAdvanceIngest(options);
  const answer = createAnswer(options);
  const takeHint = createTakeHint({ ...runtime, accept: advance });
  const takePress = createTakePress({ ...options, accept: advance });
  const takeQuestion = createTakeQuestion({ ...options, answer });
  const { http_source } = runtime.workflows;
  const lookUps = http_source && createLookUps({ ...runtime, daily: http_source.daily_lookups });
  return {
    ...options,
    answer,
    reconcile: createReconcile(options),
    giveUp: createGiveUp('ingest', { ...runtime, workflowOf }),
    receive: createReceive({ ...options, takeHint, takePress, takeQuestion }),
    takePosted: lookUps && createTakePosted({ ...options, takeHint, lookUps }),
    advance,
  };
}

let wired: ReturnType<typeof wire> | undefined;

/** Function Compute's entry: callbacks over HTTP, the timer of the sweep, and events of an HTTP event source. */
export async function handler(event: Buffer, context: unknown): Promise<unknown> {
  const deadline = AbortSignal.timeout(ACCEPT_BUDGET_MS);
  const variables = await currentVariables(context);
  if (wired?.variables !== variables) wired = wire(context, variables);
  wired.enter(context);
  const { receive, log } = wired;
  const request = parseHttpEvent(event);
  if (!request) {
    if (parseTrigger(event).kind === 'timer') {
      await sweep({ ...wired, budgetMs: SWEEP_BUDGET_MS });
      await sweepQuestions(wired);
      await wired.reconcile();
      await leaveTrace('ingest', wired);
      return wired.usage.flush();
    }
    const posted = parsePosted(event);
    if (posted && wired.takePosted) return wired.takePosted(posted, AbortSignal.timeout(POSTED_BUDGET_MS));
    log.warn('event ignored', {
      reason: 'no HTTP request, timer or event of an open HTTP source',
      bytes: event.length,
    });
    return undefined;
  }
  try {
    const { reply } = await receive(request, deadline);
    return toHttpAnswer(reply);
  } catch (error) {
    log.error('callback not received', { error: errorMessage(error) });
    return toHttpAnswer(jsonReply(503, 'not received, send it again'));
  }
}
