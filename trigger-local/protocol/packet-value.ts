/** The value of a packet that is not stored apart, as plain JSON. A text that is no JSON is the value itself. */
export function packetValue(data: string, type: string | undefined): unknown {
  if (type === "text/plain") return data;
  const value = jsonOrText(data);
  const isSuper = type === "application/super+json" && typeof value === "object" && value !== null;
  return isSuper && "json" in value ? value.json : value;
}

/** What a text says in JSON, or the text. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: callers may send what they like.
    return text;
  }
}
