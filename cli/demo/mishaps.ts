/** How an administrator or bad luck spoils the instance for a workflow's script. */
export interface Mishap {
  /** One sentence: what the instance is like. */
  about: string;
  /** What makes it so. */
  script: string;
}

const hangs = (program: string): Mishap => ({
  about: `${program} hangs on the instance`,
  script: `printf '#!/bin/sh\\nexec sleep 3600\\n' > /usr/local/sbin/${program} && chmod 755 /usr/local/sbin/${program}`,
});

/** By workflow: something that is not ours stands in the way, and something that the script calls never ends. */
export const MISHAPS: Readonly<Record<string, { notOurs: Mishap; hangs: Mishap }>> = {
  onboarding: {
    notOurs: {
      about: 'The instance has an account of that name which is not ours',
      script: 'useradd --no-create-home e123',
    },
    hangs: hangs('useradd'),
  },
  'resource-request': {
    notOurs: {
      about: 'The folder of the workspaces is a link to somewhere else',
      script: 'mkdir -p /srv && ln -s /tmp /srv/workspaces',
    },
    hangs: hangs('sha256sum'),
  },
};
