import type { Client } from "../client/http.js";
import {
  createOrderGroup,
  deleteOrderGroup,
  getOrderGroup,
  getOrderGroups,
  resetOrderGroup,
  triggerOrderGroup,
  updateOrderGroupLimit,
} from "../exchange/operations/order-groups.js";
import type { OrderGroup } from "../exchange/order-group.js";
import { isUncertain } from "../exchange/uncertain.js";
import { asOrderError, unsureError } from "./order-errors.js";
import { checkCount } from "./order-request.js";

/** Where a group is: needed outside of the primary account and of shard 0. */
export interface GroupPlace {
  readonly subaccount?: number | undefined;
  readonly exchangeIndex?: number | undefined;
}

/**
 * Groups of own orders, which the exchange withdraws together once more than `limit` contracts of them are filled within 15 seconds. An order
 * belongs to the group that its `orderGroupId` names.
 *
 * Changes throw KalshiError `TRADING_DISABLED`, `BAD_COUNT`, `NOT_FOUND`, `ORDER_REFUSED`; one whose outcome is unknown is not sent again.
 *
 * @see API: part 12 Order groups
 */
export class OrderGroups {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** All groups. @see GET /portfolio/order_groups */
  async list(subaccount?: number): Promise<readonly OrderGroup[]> {
    return (await getOrderGroups(this.#client, { subaccount })).order_groups ?? [];
  }

  /** One group, and the ids of its orders. @throws KalshiError `NOT_FOUND` @see GET /portfolio/order_groups/{order_group_id} */
  async get(groupId: string, subaccount?: number): Promise<Awaited<ReturnType<typeof getOrderGroup>>> {
    return getOrderGroup(this.#client, { order_group_id: groupId, subaccount });
  }

  /** Makes a group, and gives its id. @see POST /portfolio/order_groups/create */
  async create(limit: string | number, place: GroupPlace = {}): Promise<string> {
    checkCount(limit, "a limit");
    const body = { contracts_limit_fp: limit, ...wireGroupPlace(place) };
    return (await this.#change("new order group", createOrderGroup(this.#client, body))).order_group_id;
  }

  /** Changes the limit. Below what was filled of late, the group's orders are withdrawn at once. @see PUT …/limit */
  async setLimit(groupId: string, limit: string | number, place: GroupPlace = {}): Promise<void> {
    checkCount(limit, "a limit");
    const args = { order_group_id: groupId, contracts_limit_fp: limit, ...wireGroupPlace(place) };
    await this.#change(groupId, updateOrderGroupLimit(this.#client, args));
  }

  /** Lets the group take orders again. @see PUT …/reset */
  async reset(groupId: string, place: GroupPlace = {}): Promise<void> {
    await this.#change(groupId, resetOrderGroup(this.#client, { order_group_id: groupId, ...wireGroupPlace(place) }));
  }

  /** Withdraws the group's orders, and refuses further ones until it is reset. @see PUT …/trigger */
  async trigger(groupId: string, place: GroupPlace = {}): Promise<void> {
    await this.#change(groupId, triggerOrderGroup(this.#client, { order_group_id: groupId, ...wireGroupPlace(place) }));
  }

  /** Ends the group, and withdraws its orders. @see DELETE /portfolio/order_groups/{order_group_id} */
  async remove(groupId: string, place: GroupPlace = {}): Promise<void> {
    await this.#change(groupId, deleteOrderGroup(this.#client, { order_group_id: groupId, ...wireGroupPlace(place) }));
  }

  async #change<T>(groupId: string, sent: Promise<T>): Promise<T> {
    try {
      return await sent;
    } catch (error) {
      throw isUncertain(error)
        ? unsureError(error, { order_group_id: groupId }, "lab.trading.groups.list()")
        : asOrderError(error);
    }
  }
}

function wireGroupPlace({ subaccount, exchangeIndex }: GroupPlace): {
  subaccount?: number | undefined;
  exchange_index?: number | undefined;
} {
  return { subaccount, exchange_index: exchangeIndex };
}
