const HANDED_ON =
  /^(?:https?_proxy|no_proxy|npm_config_(?:registry|cafile|https?[_-]proxy|noproxy))$/i;

/** The variables without which npm cannot reach a registry from this network: a sandbox inherits nothing by itself. */
export function hostsNpmSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => HANDED_ON.test(entry[0]) && Boolean(entry[1]),
    ),
  );
}
