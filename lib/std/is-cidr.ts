import { isIP } from "node:net";

/** Whether the text is an IP address, or a range of them such as 10.0.0.0/8 or 2001:db8::/32. */
export function isCidr(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (length === undefined) return true;
  return /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}
