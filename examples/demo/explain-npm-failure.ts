/** Something that a person should read without a stack trace. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

const NETWORK_CODES = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "ERR_SOCKET_TIMEOUT",
  "EIDLETIMEOUT",
]);

/** Turns npm's output into what was asked, what stood in the way and what to do. */
export function explainNpmFailure(exitCode: number, output: string): DemoError {
  const asked = "`npm install` was to fetch the packages of examples/demo-app/package.json";
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1];
  if (code !== undefined && NETWORK_CODES.has(code)) {
    return new DemoError(
      `${asked}, but the package registry cannot be reached from here (${code}).\n` +
        "Connect to the network, or set HTTPS_PROXY or npm_config_registry to what your network\n" +
        "needs (the demo hands both on to npm), and run it again. Sandlot itself needs no network:\n" +
        "`node examples/quickstart.ts` works without.",
    );
  }
  if (code !== undefined && /CERT|SSL|SELF_SIGNED|ISSUER/.test(code)) {
    return new DemoError(
      `${asked}, but the registry's certificate is not trusted (${code}).\n` +
        "If your network puts its own certificate in between, name its file in NODE_EXTRA_CA_CERTS\n" +
        "and run the demo again.",
    );
  }
  return new DemoError(`${asked}, but it ended with exit code ${exitCode}. Its log is above.`);
}
