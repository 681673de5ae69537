import type { Approval } from '../../shared/platforms/platform.ts';

/** The approval as records and events name it; texts of the platform are cut to what a record holds. */
export function describeApproval(approval: Approval) {
  return {
    approval: {
      instance_id: approval.instance_id,
      code: approval.code.slice(0, 128),
      title: approval.title.slice(0, 256),
      number: approval.number.slice(0, 64),
    },
    requester: { id: approval.requester.id.slice(0, 128), name: approval.requester.name.slice(0, 128) },
    approvers: approval.approvers.slice(0, 50).map(({ id, name, at }) => ({
      id: id.slice(0, 128),
      name: name.slice(0, 128),
      at: at.slice(0, 40),
    })),
  };
}
