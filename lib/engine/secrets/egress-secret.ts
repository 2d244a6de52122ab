/** A value that leaves in place of its placeholder, in header lines of requests to its hosts (as in domain lists). */
export interface EgressSecret {
  placeholder: string;
  value: string;
  hosts: readonly string[];
}
