/**
 * Leaves out what the official ECS SDK loads and our functions never use: XML answers, proxies, WebSockets, time
 * zones, and every way to find keys but the two that Function Compute needs. It halves the size of a function and the
 * time of its cold start; the conformance tests and the embedded cloud run against what is left.
 */
const UNUSED = /^(xml2js|socks-proxy-agent|http-proxy-agent|https-proxy-agent|ws|moment|moment-timezone|debug)$/;
const UNUSED_CREDENTIALS =
  /^\.\/(rsa_key_pair_credential|bearer_token_credential|providers\/(ram_role_arn|oidc_role_arn|ecs_ram_role|default|uri|cli_profile|profile|env))$/;

/** Their own code for WebSockets, of which calls over HTTP use nothing. */
const UNUSED_WEBSOCKETS = /^\.\/(websocket|websocketUtils)$/;

/** `debug` is called at load; the others only when used, and then an empty module fails loudly. */
const STUBS = { debug: 'module.exports = () => Object.assign(() => {}, { enabled: false });' };

export const pruneSdk = {
  name: 'prune-sdk',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    // What our own code asks for is used: the embedded platforms hold WebSockets.
    build.onResolve({ filter: UNUSED }, ({ path, importer }) =>
      /[\\/]node_modules[\\/]/.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    build.onResolve({ filter: UNUSED_CREDENTIALS }, ({ path, importer }) =>
      /@alicloud[\\/]credentials/.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: STUBS[/** @type {keyof typeof STUBS} */ (path)] ?? 'module.exports = {};',
    }));
    build.onResolve({ filter: UNUSED_WEBSOCKETS }, ({ path, importer }) =>
      /@(darabonba|alicloud)[\\/]/.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    // Of lodash the SDK uses one function.
    build.onResolve({ filter: /^lodash$/ }, ({ path }) => ({
      path,
      namespace: 'lodash',
      pluginData: build.initialOptions.absWorkingDir,
    }));
    build.onLoad({ filter: /.*/, namespace: 'lodash' }, ({ pluginData }) => ({
      contents: "module.exports = { merge: require('lodash/merge') };",
      resolveDir: pluginData,
    }));
  },
};
