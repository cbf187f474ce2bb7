import { privateOperations } from "./private.js";
import { publicOperations } from "./public.js";

/** Every operation that this library knows, by its function's name: the specification's `operationId` in lower camel case. */
export const operations = { ...publicOperations, ...privateOperations };
