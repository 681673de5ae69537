import { errorMessage } from '../../shared/errors.ts';
import { parseTrigger } from '../../shared/events.ts';
import { configuredSources, createSources } from '../../shared/platforms/create-sources.ts';
import { createGiveUp } from '../../shared/request/park.ts';
import { sweep } from '../../shared/request/sweep.ts';
import { createRuntime } from '../../shared/runtime/create-runtime.ts';
import { findWorkflow } from '../../shared/workflows/lookups.ts';
import { file } from '../../workflows.yaml';
import { createAdvanceIngest } from './create-advance-ingest.ts';
import { createAnswer } from './group/answer-question.ts';
import { createAsking } from './group/asking.ts';
import { createTakeQuestion, sweepQuestions } from './group/take-question.ts';
import { parseHttpEvent, toHttpAnswer } from './http-event.ts';
import { createReceive, jsonReply } from './receive.ts';
import { createReconcile } from './reconcile.ts';
import { createTakeHint } from './take-hint.ts';
import { createTakePress } from './take-press.ts';

/**
 * DingTalk gives a callback 2,500 ms (1,500 on an older page) from cold start to answer, Lark 3,000; what the accept
 * step cannot do in this time the sweep does.
 */
const ACCEPT_BUDGET_MS = 1_000;
const SWEEP_BUDGET_MS = 40_000;

function wire(context: unknown) {
  const runtime = createRuntime('ingest', context, file, ['on', 'groups'], configuredSources);
  const sources = createSources(runtime.variables, runtime.tools);
  const options = { ...runtime, ...createAsking(runtime), sources };
  const workflowOf = async (requestId: string) => {
    const marker = await runtime.markers.get(requestId);
    return (marker && findWorkflow(runtime.workflows, marker.platform, marker.code)?.name) ?? '';
  };
  const advance = createAdvanceIngest(options);
  const answer = createAnswer(options);
  const takes = {
    takeHint: createTakeHint({ ...runtime, accept: advance }),
    takePress: createTakePress({ ...options, accept: advance }),
    takeQuestion: createTakeQuestion({ ...options, answer }),
  };
  return {
    ...options,
    answer,
    reconcile: createReconcile(options),
    giveUp: createGiveUp('ingest', { ...runtime, workflowOf }),
    receive: createReceive({ ...options, ...takes }),
    advance,
  };
}

let wired: ReturnType<typeof wire> | undefined;

/** Function Compute's entry: callbacks over HTTP, and the timer of the sweep. */
export async function handler(event: Buffer, context: unknown): Promise<unknown> {
  const deadline = AbortSignal.timeout(ACCEPT_BUDGET_MS);
  wired ??= wire(context);
  wired.enter(context);
  const { receive, log } = wired;
  const request = parseHttpEvent(event);
  if (!request) {
    if (parseTrigger(event).kind === 'timer') {
      await sweep({ ...wired, budgetMs: SWEEP_BUDGET_MS });
      await sweepQuestions(wired);
      await wired.reconcile();
      return wired.usage.flush();
    }
    log.warn('event ignored', { reason: 'neither an HTTP request nor a timer', bytes: event.length });
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
