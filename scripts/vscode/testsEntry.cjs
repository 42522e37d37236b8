/**
 * What the extension host is told to run. It hands over to the real entry (HANDRAIL_TESTS_PATH), copies its output to a file
 * (console messages that travel to the browser lose their tail when the host ends) and leaves the verdict in a file.
 */
const fs = require('node:fs');
const util = require('node:util');
const { pathToFileURL } = require('node:url');

const { HANDRAIL_TESTS_PATH, HANDRAIL_TESTS_OUTPUT, HANDRAIL_TESTS_VERDICT } = process.env;
const put = (text) => fs.appendFileSync(HANDRAIL_TESTS_OUTPUT, text);

function captureOutput() {
  const methods = new Set(['log', 'info', 'warn', 'error', 'debug']);
  // The host locks the methods of its console, so the whole object is replaced.
  globalThis.console = new Proxy(globalThis.console, {
    get: (target, name) => (methods.has(name) ? (...values) => put(`${util.format(...values)}\n`) : target[name]),
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, callback) => {
      put(String(chunk));
      (typeof encoding === 'function' ? encoding : callback)?.();
      return true;
    };
  }
}

async function load(file) {
  try {
    return require(file);
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    return import(pathToFileURL(require.resolve(file)).href);
  }
}

function leaveVerdict(verdict) {
  fs.writeFileSync(`${HANDRAIL_TESTS_VERDICT}.new`, JSON.stringify(verdict));
  fs.renameSync(`${HANDRAIL_TESTS_VERDICT}.new`, HANDRAIL_TESTS_VERDICT);
}

exports.run = async () => {
  captureOutput();
  try {
    await (await load(HANDRAIL_TESTS_PATH)).run();
    leaveVerdict({ ok: true });
  } catch (error) {
    put(`${error?.stack ?? error}\n`);
    leaveVerdict({ ok: false });
    throw error;
  }
};
