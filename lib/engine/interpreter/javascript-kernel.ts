import { IMPORT_FUNCTION } from "./rewrite-imports.ts";

/**
 * Runs JavaScript in a sandbox, one piece after the other, with its state kept: `node -e` of this, with the marker as
 * its argument and the requests on descriptor 3. Node's inspector evaluates as its own console does: `await` at the
 * top, and names that may be declared anew. A thread beside it reads the requests, so that code which never gives
 * control back can be interrupted.
 */
export const JAVASCRIPT_KERNEL = String.raw`
const { Worker } = require("node:worker_threads");
const { createRequire } = require("node:module");
const fs = require("node:fs");
const inspector = require("node:inspector");
const path = require("node:path");
const util = require("node:util");
const { pathToFileURL } = require("node:url");

const mark = "\0" + process.argv[1] + " ";
process.argv = [process.argv[0]];
const send = (message, descriptor = 1) => {
  let data = Buffer.from(mark + JSON.stringify(message) + "\n");
  while (data.length > 0) data = data.subarray(fs.writeSync(descriptor, data));
};

// Told in its place among all the rest; what programs write that are started here comes another way.
process.stderr.write = (data, encoding, callback) => {
  send({ stderr: typeof data === "string" ? data : Buffer.from(data).toString() });
  const done = typeof encoding === "function" ? encoding : callback;
  if (done) process.nextTick(done);
  return true;
};

const reader = ${"`"}
const inspector = require("node:inspector");
const net = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const current = new Int32Array(workerData);
const session = new inspector.Session();
session.connectToMainThread();
let held = "";
const take = (request) => {
  if (request.interrupt === undefined) return parentPort.postMessage(request);
  if (Atomics.compareExchange(current, 0, request.interrupt, -request.interrupt) !== request.interrupt) return;
  session.post("Runtime.terminateExecution", () => parentPort.postMessage(request));
};
// Not read as a file: such a read would hold up the process' end until more comes.
new net.Socket({ fd: 3, readable: true, writable: false })
  .setEncoding("utf8")
  .on("data", (text) => {
    const lines = (held + text).split("\\n");
    held = lines.pop();
    for (const line of lines) take(JSON.parse(line));
  })
  .on("end", () => process.exit(0));
${"`"};

const formatsOf = async (value) => {
  const formats = { "text/plain": typeof value === "string" ? value : util.inspect(value) };
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return formats;
  const sendable = (data) => (ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") : data);
  const makers = { _toHtml: "text/html", _toMarkdown: "text/markdown", _toSvg: "image/svg+xml", _toPng: "image/png", _toJpeg: "image/jpeg" };
  try {
    const display = value[Symbol.for("Jupyter.display")] ?? value._toMime;
    if (typeof display === "function") {
      for (const [kind, data] of Object.entries(await display.call(value))) formats[kind] = sendable(data);
    }
    for (const [name, kind] of Object.entries(makers)) {
      if (typeof value[name] === "function") formats[kind] = sendable(await value[name]());
    }
  } catch {
    // A representation that fails is none; the others still tell.
  }
  return formats;
};
const show = async (value, main) => send({ result: { main, formats: await formatsOf(value) } });
const fail = (error) => {
  const isError = util.types.isNativeError(error) || error instanceof Error;
  const name = isError ? error.name : "Error";
  const value = isError ? error.message : typeof error === "string" ? error : util.inspect(error);
  const stack = isError ? String(error.stack) : value;
  const traceback = stack.split("\n").filter((line) => !/\(?(?:node:|\[eval\])/.test(line)).join("\n");
  send({ error: { name, value, traceback } });
};

const hidden = { enumerable: false, configurable: true, writable: true };
const base = pathToFileURL(path.join(process.cwd(), "cell.js"));
const kernel = Symbol("kernel");
Object.defineProperties(globalThis, {
  require: { ...hidden, value: createRequire(base) },
  display: { ...hidden, value: (value) => show(value, false) },
  ${IMPORT_FUNCTION}: {
    ...hidden,
    value: (specifier, options) =>
      import(/^\.{0,2}\//.test(specifier) ? new URL(specifier, base).href : createRequire(base).resolve.paths(specifier) === null ? specifier : resolveHere(specifier), options),
  },
  __sandlotKernel: { ...hidden, value: { show, fail } },
});
function resolveHere(specifier) {
  try {
    return pathToFileURL(createRequire(base).resolve(specifier)).href;
  } catch {
    return specifier; // Node's own loader knows it, or says best why not.
  }
}

const session = new inspector.Session();
session.connect();
const post = (method, parameters) =>
  new Promise((resolve, reject) =>
    session.post(method, parameters, (error, result) => (error ? reject(new Error(error.message)) : resolve(result))),
  );
const call = (object, method, ...more) =>
  post("Runtime.callFunctionOn", {
    functionDeclaration: "function (value, ...more) { return globalThis.__sandlotKernel." + method + "(value, ...more); }",
    executionContextId: 1,
    arguments: [argument(object), ...more.map((value) => ({ value }))],
    awaitPromise: true,
  });
const argument = ({ objectId, unserializableValue, value }) =>
  objectId ? { objectId } : unserializableValue ? { unserializableValue } : { value };

// The id of what runs; below zero once it is being interrupted.
const current = new Int32Array(new SharedArrayBuffer(4));
let running;
let count = 0;

async function evaluate(code) {
  const outcome = await post("Runtime.evaluate", {
    expression: code + "\n//# sourceURL=cell-" + count,
    replMode: true,
    awaitPromise: true,
    userGesture: true,
  });
  if (outcome.exceptionDetails) return call(outcome.exceptionDetails.exception ?? { value: outcome.exceptionDetails.text }, "fail");
  if (outcome.result.type !== "undefined") await call(outcome.result, "show", true);
}

async function execute({ id, code, env }) {
  count += 1;
  const before = Object.keys(env).map((name) => [name, process.env[name]]);
  Object.assign(process.env, env);
  running = { id, before };
  Atomics.store(current, 0, id);
  // Whoever reads this may interrupt it.
  send({ count });
  let failure;
  try {
    await evaluate(code);
  } catch (error) {
    failure = { error };
  }
  // An interrupt that is under way ends it itself: before that has hit something, nothing else may run.
  if (Atomics.compareExchange(current, 0, id, 0) !== id) return;
  if (failure) fail(failure.error);
  finish();
}

function finish() {
  const { id, before } = running;
  running = undefined;
  Atomics.store(current, 0, 0);
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  send({ end: id });
  send({ end: id }, 2);
}

process.on("SIGINT", () => undefined);
process.on("uncaughtException", (error) => process.stderr.write("Uncaught " + util.inspect(error) + "\n"));
process.on("unhandledRejection", (error) => process.stderr.write("Unhandled rejection " + util.inspect(error) + "\n"));
const worker = new Worker(reader, { eval: true, workerData: current.buffer });
worker.on("message", (request) => {
  if (request.interrupt === undefined) return void execute(request);
  const error = new Error("the code was interrupted");
  error.name = "KeyboardInterrupt";
  error.stack = error.name + ": " + error.message;
  fail(error);
  // Not left to what was interrupted: an interrupt ends whatever runs, the kernel's own steps to the code among it.
  finish();
});
worker.on("exit", () => process.exit(0));
send({ ready: "built-in, Node.js " + process.version });
`;
