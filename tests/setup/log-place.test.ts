import { logPlaceOf } from '../../setup/log-place.ts';

test('the log project is the one that the component makes: region and a UUID of the account', () => {
  expect(logPlaceOf({ region: 'cn-hangzhou', accountId: '1000000000000001' })).toEqual({
    region: 'cn-hangzhou',
    project: 'serverless-cn-hangzhou-86799978-147b-5125-b29e-26ff24ae23b1',
    logstore: 'default-logs',
  });
  // The example of the package that the component uses, in place of an account.
  expect(logPlaceOf({ region: 'cn-beijing', accountId: 'Hello world!' }).project).toBe(
    'serverless-cn-beijing-d3486ae9-136e-5856-bc42-212385ea7970',
  );
});

test('a name longer than Simple Log Service takes is cut as the component cuts it', () => {
  const { project } = logPlaceOf({ region: 'cn-north-2-gov-1-and-longer', accountId: '1000000000000001' });
  expect(project).toHaveLength(63);
});
