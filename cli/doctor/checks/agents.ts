import { onlineInstances } from '../../../setup/scripts.ts';
import type { Check } from '../check.ts';
import { error } from '../finding.ts';

export const agents: Check = {
  name: 'agents',
  fine: 'the Cloud Assistant agent of every instance answers',
  needs: ['ecs'],
  async look({ target, ecs, input }) {
    const online = await onlineInstances(target, ecs, input.instances);
    const silent = input.instances.filter((instance) => !online.includes(instance));
    return silent.map((instance) =>
      error(
        `agent of ${instance}`,
        'does not answer, so nothing runs there',
        'see that the instance runs and that its agent does: "systemctl restart aliyun" on it',
      ),
    );
  },
};
