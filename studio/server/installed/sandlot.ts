// What a bundle gets for the library's name: see `next.config.ts`. Left to Node at run time, which finds the package.
const library = await import(/* turbopackIgnore: true */ "sandlot");

export const {
  APIError,
  Command,
  CommandFinished,
  DEFAULT_SANDBOX_REGION,
  defineSandboxProxy,
  Drive,
  FileSystem,
  Sandbox,
  SandboxUser,
  SandboxUserAlreadyExistsError,
  Session,
  Snapshot,
  StreamError,
} = library;
