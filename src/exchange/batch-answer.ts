import { asObject, maybe, type RecordOf, type WireObject } from "./field.js";
import { type CanceledOrder, canceledFields, type PlacedOrder, placedFields } from "./order-answer.js";
import { optional, record, type Shape } from "./shape.js";

/** Why the exchange refused one item of a batch. */
export const itemRefusalFields = {
  code: maybe("text", "code", "the exchange's own code"),
  message: maybe("text", "message", "in words"),
  details: maybe("text", "details", "what exactly"),
};

export type ItemRefusal = RecordOf<typeof itemRefusalFields>;

/** One item of a batch's answer: what became of it, or why it was refused. */
export type BatchItem<T> =
  | { readonly done: T; readonly refused: null; readonly extra: null }
  | {
      readonly done: null;
      readonly refused: ItemRefusal;
      /** What stands beside the refusal, such as the item's ids. */
      readonly extra: WireObject | null;
    };

const refused = optional(record("item refusal", itemRefusalFields));

/** One item of the answer to a batch of orders. @see API: POST /portfolio/events/orders/batched */
export const placedItem: Shape<BatchItem<PlacedOrder>> = itemOf(record("order answer", placedFields));

/** One item of the answer to a batch of cancellations. @see API: DELETE /portfolio/events/orders/batched */
export const canceledItem: Shape<BatchItem<CanceledOrder>> = itemOf(record("cancel answer", canceledFields));

function itemOf<T>(done: Shape<T>): Shape<BatchItem<T>> {
  return {
    parse: (raw, where) => {
      const { error, ...rest } = asObject(where, raw);
      const refusal = refused.parse(error, `${where} error`);
      if (refusal === null) return { done: done.parse(rest, where), refused: null, extra: null };
      return { done: null, refused: refusal, extra: Object.keys(rest).length === 0 ? null : rest };
    },
    keys: { ...(done.keys as object), error: refused.keys },
  };
}
