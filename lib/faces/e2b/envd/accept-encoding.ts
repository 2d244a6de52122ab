/**
 * Whether an answer is to be sent as gzip. Over loopback it costs more time than it saves, so only who asks for gzip
 * and nothing else gets it (the vendor's clients, by their option `gzip`): every `fetch` says by itself that it takes
 * gzip among others. `none` means that the caller takes nothing that can be sent.
 */
export function chooseEncoding(header: string | null): "identity" | "gzip" | "none" {
  const codings = (header ?? "")
    .split(",")
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...parameters] = part.split(";").map((each) => each.trim());
      const quality = parameters.find((each) => each.startsWith("q="))?.slice(2);
      return { name, isTaken: quality === undefined || Number(quality) > 0 };
    });
  const taken = codings.filter(({ isTaken }) => isTaken).map(({ name }) => name);
  const refuses = (name: string) => codings.some((each) => each.name === name && !each.isTaken);
  const takesGzip = taken.includes("gzip") || (taken.includes("*") && !refuses("gzip"));
  const takesPlain =
    taken.includes("identity") || !(refuses("identity") || (refuses("*") && codings.length > 0));
  if (takesGzip && (taken.length === 1 || !takesPlain)) return "gzip";
  return takesPlain ? "identity" : "none";
}
