// The little of mitata that the benches use: it has a lock of its own, and may not be there.
declare module "mitata" {
  export interface Options {
    /** How many bytes are in use. */
    heap?: () => number;
    min_samples: number;
    max_samples: number;
    batch_samples: number;
    warmup_threshold: number;
    batch_threshold: number;
  }

  /** Times are in ns, the heap's in bytes, both for one run of the function. */
  export interface Stats {
    readonly p50: number;
    readonly heap?: { readonly avg: number };
  }

  /** Uses a value. */
  export function do_not_optimize(value: unknown): void;
  export function measure(work: () => unknown, options: Options): Promise<Stats>;
}
