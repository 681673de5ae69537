import type { Operation } from '../operation.ts';

/** https://open.dingtalk.com/document/development/obtain-the-event-list-of-failed-push-messages ; each call deletes what the last one returned. */
export const getFailedCallbacks: Operation = {
  name: 'call_back/get_call_back_failed_result',
  method: 'GET',
  path: '/call_back/get_call_back_failed_result',
  pot: 'apiCalls',
  needsToken: true,
  answer({ pushes, organisation }) {
    const { failed, hasMore } = pushes.takeFailed();
    const failedList = failed.map(({ eventType, eventTime, data }) => ({
      [eventType]: { bpmsCallBackData: data, corpid: organisation.corpId },
      call_back_tag: eventType,
      event_time: eventTime,
    }));
    return { failed_list: failedList, has_more: hasMore };
  },
};
