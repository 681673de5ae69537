import { type Running, startLark } from './start-lark.ts';

let service: Running;
beforeAll(async () => {
  service = await startLark();
});
afterAll(() => service.close());

test('the official SDK finds a person by each kind of id', async () => {
  const get = async (user_id: string, user_id_type: 'open_id' | 'user_id' | 'union_id') => {
    const { data } = await service.client.contact.user.get({ path: { user_id }, params: { user_id_type } });
    return data?.user;
  };
  const user = await get('u3', 'user_id');
  expect(user).toEqual({
    user_id: 'u3',
    open_id: 'ou_3',
    union_id: expect.stringMatching(/^on_[0-9a-f]{32}$/),
    name: 'Ana 🙂',
    job_title: 'Boss',
    leader_user_id: 'u2',
    department_ids: ['0'],
    status: { is_frozen: false, is_resigned: false, is_activated: true, is_exited: false, is_unjoin: false },
  });
  expect(await get('ou_3', 'open_id')).toMatchObject({ name: 'Ana 🙂', leader_user_id: 'ou_2' });
  expect(await get(String(user?.union_id), 'union_id')).toMatchObject({ name: 'Ana 🙂' });
});

test.each([
  ['contact/v3/users/ou_9', 400, 41012],
  ['contact/v3/users/u1', 400, 41012],
  ['contact/v3/users/u1?user_id_type=name', 400, 40001],
  ['contact/v3/users/ou_1', 200, 0],
])('GET %s answers %i with %i', async (path, status, code) => {
  expect(await service.api('GET', path)).toMatchObject({ status, body: { code } });
});

test.each([
  ['open_department_id', ['od-7']],
  ['department_id', ['d7']],
])('departments are named by %s', async (type, department_ids) => {
  const { body } = await service.api('GET', `contact/v3/users/ou_1?department_id_type=${type}`);
  expect(body).toMatchObject({ data: { user: { department_ids } } });
});
