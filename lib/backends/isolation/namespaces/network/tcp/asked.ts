/** Where a sandbox's connection was meant to go. */
export interface Asked {
  address: string;
  port: number;
}
