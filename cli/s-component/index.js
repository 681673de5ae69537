/** What Serverless Devs loads for `component: ./cli/s-component`: the class that the build bundles. */
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const entry = join(__dirname, '..', '..', 'dist', 'cli', 's-component.js');
if (!existsSync(entry)) throw new Error(`${entry} is missing; run "npm run build" first`);
module.exports = require(entry).LocalComponent;
