// The little of autocannon that the benches use: it brings no types.
declare module "autocannon" {
  export interface Options {
    url: string;
    connections: number;
    /** How many requests in all. */
    amount: number;
    expectBody?: string;
    /** How often it looks whether it is done, in ms. */
    sampleInt?: number;
  }

  export interface Result {
    errors: number;
    timeouts: number;
    resets: number;
    /** Answers with another body than the expected one. */
    mismatches: number;
    /** How many answers had each status. */
    statusCodeStats: Record<string, { count: number }>;
  }

  export default function autocannon(options: Options): Promise<Result>;
}
