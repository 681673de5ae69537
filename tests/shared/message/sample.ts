import { escapeMarkdown } from '../../../shared/message/escape-markdown.ts';
import { joinBlocks } from '../../../shared/message/outgoing-message.ts';
import { type FinalMessage, renderFinal } from '../../../shared/message/render-final.ts';
import type { InstanceResult } from '../../../shared/request/records.ts';
import type { Language } from '../../../shared/workflows/schema.ts';

/** An instance on which the run succeeded. */
export function instance(changes: Partial<InstanceResult> = {}): InstanceResult {
  return {
    instance_id: 'i-1',
    status: 'Success',
    exit_code: 0,
    error_code: '',
    error_info: '',
    duration_ms: 3000,
    output_sha256: '0'.repeat(64),
    output_tail: '',
    output_omitted: 0,
    facts: {},
    ...changes,
  };
}

/** The end of a request of 张三 that went well on one instance. */
export const MESSAGE: FinalMessage = {
  requestId: 'dingtalk.a1',
  workflowTitle: '新员工入职',
  subject: 'E123',
  end: 'Success',
  action: 'provision',
  approval: { title: '张三提交的入职', number: '202609011000' },
  requester: { id: 'zhangsan', name: '张三' },
  approvers: [{ id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' }],
  parameters: { emp_id: 'E123', role: 'devops' },
  instances: [instance()],
  link: 'https://example.com/a1',
};

export interface Rendered {
  title: string;
  text: string;
  /** Of the text. */
  lines: string[];
}

export function render(
  changes: Partial<FinalMessage> = {},
  { language = 'en', timeZone = 'Asia/Shanghai' }: { language?: Language; timeZone?: string } = {},
): Rendered {
  const options = { language, timeZone, escape: escapeMarkdown, maxBytes: 18_000 };
  const { title, blocks } = renderFinal({ ...MESSAGE, ...changes }, options);
  const text = `### ${title}\n\n${joinBlocks(blocks)}`;
  return { title, text, lines: text.split('\n') };
}

/** The lines that begin with this. */
export const linesOf = ({ lines }: Rendered, start: string): string[] => lines.filter((line) => line.startsWith(start));
