// What programs for 0.x and 1.x import from deep inside the vendor's package. It is the same class that the
// main entry exports, so that `instanceof` holds for both.
export { APIError, StreamError } from "@vercel/sandbox";
