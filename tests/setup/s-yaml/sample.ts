/** A file without faults; tests change one thing at a time in it. */
export const SAMPLE = `edition: 3.0.0
name: approval-loop
access: default
vars:
  region: \${env('ALIYUN_REGION', 'cn-hangzhou')}
  environment: \${env('LOOP_ENVIRONMENT', 'dev')}
template:
  function:
    region: \${vars.region}
    runtime: nodejs20
    handler: index.handler
    cpu: 0.35
    memorySize: 512
    diskSize: 512
    timeout: 60
    internetAccess: true
    logConfig: auto
    asyncInvokeConfig: { maxAsyncRetryAttempts: 2, maxAsyncEventAgeInSeconds: 3600 }
    role: acs:ram::1234567890123456:role/loop
    description: 'Made by approval-loop: a function'
    environmentVariables:
      LOOP_ENVIRONMENT: \${vars.environment}
    triggers:
      - triggerName: sweep
        triggerType: timer
        triggerConfig: { cronExpression: '@every 1m', enable: true, payload: sweep }
resources:
  ingest:
    component: fc3@0.1.22
    extend: { name: function }
    props:
      functionName: approval-loop-\${vars.environment}-ingest
      code: ./dist/environments/\${vars.environment}/ingest
      environmentVariables:
        DINGTALK_CORP_ID: \${env('DINGTALK_CORP_ID', 'not-set')}
        DINGTALK_APP_KEY: \${env('DINGTALK_APP_KEY', 'not-set')}
        DINGTALK_APP_SECRET: \${env('DINGTALK_APP_SECRET', 'not-set')}
        DINGTALK_CALLBACK_TOKEN: \${env('DINGTALK_CALLBACK_TOKEN', 'not-set')}
        DINGTALK_CALLBACK_AES_KEY: \${env('DINGTALK_CALLBACK_AES_KEY', 'not-set')}
        ONBOARDING_CODE: \${env('ONBOARDING_CODE', 'not-set')}
      triggers:
        - triggerName: callback
          triggerType: http
          triggerConfig: { authType: anonymous, methods: [POST] }
        - triggerName: sweep
          triggerType: timer
          triggerConfig: { cronExpression: '@every 1m', enable: true }
  dispatch:
    component: fc3@0.1.22
    extend: { name: function }
    props:
      functionName: approval-loop-\${vars.environment}-dispatch
      code: ./dist/environments/\${vars.environment}/dispatch
      environmentVariables: { INSTANCE_IDS: "\${env('INSTANCE_IDS', 'not-set')}" }
  notify:
    component: fc3@0.1.22
    extend: { name: function }
    props:
      functionName: approval-loop-\${vars.environment}-notify
      code: ./dist/environments/\${vars.environment}/notify
      environmentVariables:
        DINGTALK_CORP_ID: \${env('DINGTALK_CORP_ID', 'not-set')}
        ROBOT_SECRET: \${env('ROBOT_SECRET', 'not-set')}
`;

/** As much of a workflows.yaml as asks for variables. */
export const WORKFLOWS = {
  chats: { ops: { dingtalk: { robot: { secret: `\${ROBOT_SECRET}` } } } },
  workflows: {
    onboarding: {
      on: { dingtalk: { process_code: `\${ONBOARDING_CODE}` } },
      run: { instances: [`\${INSTANCE_IDS}`] },
    },
  },
};
