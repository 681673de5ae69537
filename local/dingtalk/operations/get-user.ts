import { z } from 'zod';
import type { HttpRequest } from '../../http/server.ts';
import { parseJson } from '../../parse-json.ts';
import { OldApiError } from '../api-errors.ts';
import { isJson, type Operation } from '../operation.ts';
import { findUser } from '../organisation.ts';

const BodySchema = z.object({ userid: z.string() });

/** https://open.dingtalk.com/document/development/query-user-details */
export const getUser: Operation = {
  name: 'user/get',
  method: 'POST',
  path: '/topapi/v2/user/get',
  pot: 'free',
  needsToken: true,
  answer({ organisation }, request) {
    const userid = useridOf(request);
    if (!userid) throw new OldApiError(400002, '无效的参数');
    if (userid.length > 64) throw new OldApiError(33012, '无效的USERID');
    const user = findUser(organisation, userid);
    if (!user) throw new OldApiError(60121, '找不到该用户');
    const ownFields = { unionid: `union-${user.userid}`, ...user };
    return { result: { ...ownFields, senior: false, hide_mobile: false, real_authed: true, exclusive_account: false } };
  },
};

/** The old SDKs send a form, newer clients JSON. */
function useridOf({ body, headers, ...request }: HttpRequest): string | undefined {
  const text = body.toString('utf8');
  if (isJson({ body, headers, ...request })) return parseJson(BodySchema, text)?.userid;
  return new URLSearchParams(text).get('userid') ?? undefined;
}
