/** What a router's agent says of a handle that it hands over; the one for DNS is the last. */
export type RouterMessage = { kind: "tcp" } | { kind: "dns" };
