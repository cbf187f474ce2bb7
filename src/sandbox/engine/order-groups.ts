import type { Count } from "../../units/count.js";
import { SECOND, type Timestamp } from "../../units/time.js";
import type { EngineEvent } from "../types.js";
import { type GroupEvent, groupMessage } from "../wire/private-messages.js";
import { notFound, Refused, refusal } from "../wire/replies.js";
import type { Order } from "./accounts.js";

/** Fills count against a group's limit for so long. */
export const GROUP_WINDOW = 15 * SECOND;
const MOST_GROUPS = 100_000;

/** Orders that are cancelled together once too much of them has filled in too short a time. */
export interface OrderGroup {
  readonly id: string;
  readonly userId: string;
  readonly subaccount: number;
  limit: Count;
  /** True from its trigger to its reset: it takes no orders. */
  triggered: boolean;
  /** Its resting orders. */
  readonly orders: Set<Order>;
  /** Fills of the last while, oldest first, and their sum. */
  fills: { readonly time: Timestamp; readonly count: Count }[];
  filled: Count;
}

/** The order groups of all members. */
export interface OrderGroups {
  create(userId: string, subaccount: number, limit: Count): OrderGroup;
  /** Those of one subaccount, or of all. */
  list(userId: string, subaccount?: number): readonly OrderGroup[];
  /** @throws Refused where the member, or the subaccount asked for, has no such group */
  get(userId: string, id: string, subaccount?: number): OrderGroup;
  /** @throws Refused where an order may not join */
  admit(userId: string, subaccount: number, id: string): void;
  setLimit(group: OrderGroup, limit: Count): void;
  trigger(group: OrderGroup): void;
  /** Forgets what has filled, and takes orders again. */
  reset(group: OrderGroup): void;
  /** Ends a group and cancels its orders. */
  remove(group: OrderGroup): void;
  /** Takes in a group as it was, without a word. */
  revive(group: OrderGroup): void;
  /** An order of a group rests now. */
  track(order: Order): void;
  /** It does no more. */
  untrack(order: Order): void;
  /** Counts a fill. What exceeds the limit is not acted on before {@link settle}. */
  fill(order: Order, count: Count, time: Timestamp): void;
  /** Triggers the groups whose fills exceed their limits. */
  settle(): void;
}

export interface OrderGroupsContext {
  newId(): string;
  now(): Timestamp;
  emit(event: EngineEvent): void;
  cancel(order: Order): void;
}

export function createOrderGroups({ newId, now, emit, cancel }: OrderGroupsContext): OrderGroups {
  const groups = new Map<string, Map<string, OrderGroup>>();
  const suspects = new Set<OrderGroup>();

  function tell(group: OrderGroup, type: GroupEvent): void {
    const message = groupMessage(group.id, type, group.limit, now());
    const { userId, subaccount } = group;
    emit({ type: "order_group", userId, subaccount, message });
  }

  function find(userId: string, id: string | null): OrderGroup | undefined {
    return id === null ? undefined : groups.get(userId)?.get(id);
  }

  function cancelOrders(group: OrderGroup): void {
    for (const order of [...group.orders]) cancel(order);
  }

  function trigger(group: OrderGroup): void {
    suspects.delete(group);
    if (group.triggered) return;
    group.triggered = true;
    cancelOrders(group);
    tell(group, "triggered");
  }

  function exceeds(group: OrderGroup): boolean {
    const since = now() - GROUP_WINDOW;
    const gone = group.fills.findIndex(({ time }) => time > since);
    for (const { count } of group.fills.splice(0, gone < 0 ? group.fills.length : gone)) group.filled -= count;
    return group.filled > group.limit;
  }

  return {
    create(userId, subaccount, limit) {
      const own = groups.get(userId) ?? new Map<string, OrderGroup>();
      groups.set(userId, own);
      if (own.size >= MOST_GROUPS) {
        throw new Refused(
          refusal(400, "invalid_parameters", "invalid parameters", `at most ${MOST_GROUPS} order groups`),
        );
      }
      const group: OrderGroup = {
        id: newId(),
        userId,
        subaccount,
        limit,
        triggered: false,
        orders: new Set(),
        fills: [],
        filled: 0,
      };
      own.set(group.id, group);
      tell(group, "created");
      return group;
    },
    list(userId, subaccount) {
      const own = [...(groups.get(userId)?.values() ?? [])];
      return subaccount === undefined ? own : own.filter((group) => group.subaccount === subaccount);
    },
    get(userId, id, subaccount) {
      const group = find(userId, id);
      if (group === undefined || (subaccount !== undefined && group.subaccount !== subaccount)) {
        throw new Refused(notFound());
      }
      return group;
    },
    admit(userId, subaccount, id) {
      const group = find(userId, id);
      if (group === undefined || group.subaccount !== subaccount) {
        throw new Refused(refusal(404, "order_group_not_found", "order group not found"));
      }
      if (group.triggered) {
        const code = "exceeded_order_group_risk_limit";
        throw new Refused(refusal(400, code, code.replaceAll("_", " ")));
      }
    },
    setLimit(group, limit) {
      group.limit = limit;
      tell(group, "limit_updated");
      if (!group.triggered && exceeds(group)) trigger(group);
    },
    trigger,
    reset(group) {
      group.triggered = false;
      group.fills = [];
      group.filled = 0;
      tell(group, "reset");
    },
    remove(group) {
      cancelOrders(group);
      suspects.delete(group);
      groups.get(group.userId)?.delete(group.id);
      tell(group, "deleted");
    },
    revive(group) {
      const own = groups.get(group.userId) ?? new Map<string, OrderGroup>();
      groups.set(group.userId, own.set(group.id, group));
    },
    track(order) {
      find(order.owner, order.groupId)?.orders.add(order);
    },
    untrack(order) {
      find(order.owner, order.groupId)?.orders.delete(order);
    },
    fill(order, count, time) {
      const group = find(order.owner, order.groupId);
      if (group === undefined) return;
      group.fills.push({ time, count });
      group.filled += count;
      suspects.add(group);
    },
    settle() {
      for (const group of [...suspects]) if (!group.triggered && exceeds(group)) trigger(group);
      suspects.clear();
    },
  };
}
