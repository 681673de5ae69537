import { callHttp } from '../../../shared/http/call.ts';
import { type Running, startDingtalk } from './start-dingtalk.ts';

let service: Running;
beforeAll(async () => {
  service = await startDingtalk();
});
afterAll(() => service.close());

const get = async (body: object) =>
  service.call('POST', `/topapi/v2/user/get?access_token=${await service.token()}`, body);

test('a user has the documented fields', async () => {
  expect(await get({ userid: 'u3', language: 'zh_CN' })).toMatchObject({
    status: 200,
    body: {
      errcode: 0,
      errmsg: 'ok',
      request_id: expect.any(String),
      result: {
        userid: 'u3',
        unionid: 'union-u3',
        name: 'Ana 🙂',
        title: 'Boss',
        job_number: '3',
        dept_id_list: [1],
        active: true,
        admin: false,
        boss: false,
      },
    },
  });
});

test('a form is accepted as well as JSON', async () => {
  const answer = await callHttp({
    service: 'dingtalk',
    method: 'POST',
    url: `${service.origin}/topapi/v2/user/get?access_token=${await service.token()}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'userid=u1&language=zh_CN',
  });
  expect(JSON.parse(answer.body.toString())).toMatchObject({ errcode: 0, result: { name: '张三' } });
});

test.each([
  ['an unknown user', { userid: '没有' }, 60121],
  ['no user', {}, 400002],
  ['an id too long', { userid: 'u'.repeat(65) }, 33012],
])('%s is refused with HTTP 200', async (_name, body, errcode) => {
  expect(await get(body)).toMatchObject({ status: 200, body: { errcode } });
});
