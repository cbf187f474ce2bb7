/** JSON, as specs and Jupyter messages hold it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A vega-lite 5 spec (or a part of one) as a plain object: print it, change it, hand it to any vega front end. */
export type Spec = { readonly [key: string]: Json };

/** One drawn row of a chart's inline data. */
export type Datum = { readonly [key: string]: Json };
