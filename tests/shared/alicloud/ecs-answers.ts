import type { HttpRequest, HttpResponse } from '../../../local/http/server.ts';

/** As the reference shows them, with what the API documents and our functions do not read. */
export const INVOCATION = {
  InvokeId: 't-hz01',
  CommandId: 'c-hz01',
  CommandName: 'approval-loop-dev-onboarding',
  CommandType: 'RunShellScript',
  CommandContent: Buffer.from('echo 入职 🙂').toString('base64'),
  Parameters: '{"emp_id":"E123","text":"入职 🙂"}',
  RepeatMode: 'Once',
  Timed: false,
  Timeout: 60,
  Frequency: '',
  Username: '',
  WorkingDir: '/root',
  CreationTime: '2026-01-01T00:00:00Z',
  InvocationStatus: 'PartialFailed',
  InvokeStatus: 'PartialFailed',
  Tags: { Tag: [{ TagKey: 'approval-loop-request', TagValue: 'dingtalk.pi-1_A' }] },
  InvokeInstances: {
    InvokeInstance: [
      {
        InstanceId: 'i-a',
        InvocationStatus: 'Success',
        InstanceInvokeStatus: 'Finished',
        ExitCode: 0,
        Repeats: 1,
        Dropped: 0,
        Output: Buffer.from('完成 ✅\n').toString('base64'),
        ErrorCode: '',
        ErrorInfo: '',
        Timed: false,
        CreationTime: '2026-01-01T00:00:00Z',
        StartTime: '2026-01-01T00:00:01Z',
        FinishTime: '2026-01-01T00:00:02Z',
        StopTime: '',
        UpdateTime: '2026-01-01T00:00:02Z',
      },
      { InstanceId: 'i-b', InvocationStatus: 'Pending', InstanceInvokeStatus: 'Running' },
    ],
  },
};

const LISTED = { TotalCount: 1, PageNumber: 1, PageSize: 10, NextToken: '' };
const COMMAND = { CommandId: 'c-hz01', Name: 'approval-loop-dev-onboarding', Type: 'RunShellScript', Version: 1 };

export const ANSWERS: Readonly<Record<string, object>> = {
  InvokeCommand: { InvokeId: 't-hz01' },
  RunCommand: { InvokeId: 't-hz01', CommandId: 'c-hz01' },
  DescribeInvocations: { ...LISTED, Invocations: { Invocation: [INVOCATION] } },
  DescribeCommands: { ...LISTED, Commands: { Command: [COMMAND] } },
};

export const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8' },
  body: JSON.stringify(body),
});

/** What ECS answers to a call that it accepts. */
export function answerOf({ headers }: HttpRequest): HttpResponse {
  return json(200, { RequestId: 'R-1', ...ANSWERS[String(headers['x-acs-action'])] });
}
