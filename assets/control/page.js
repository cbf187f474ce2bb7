// What the control port tells is text of strangers: it goes into the page as text alone, never as markup.
const EVERY_MS = 500;
const SPEEDS = [0, 1, 10, 60, 600];
const PRESETS = [
  ["a delta is lost", { channel: "orderbook_delta", type: "orderbook_delta", fault: "drop", rate: 0.01 }],
  ["a delta comes twice", { channel: "orderbook_delta", type: "orderbook_delta", fault: "duplicate", rate: 0.01 }],
  ["frames come late", { channel: "*", fault: "delay", from: 50, to: 500, rate: 0.02 }],
  ["a connection stalls", { channel: "*", fault: "stall", ms: 15000, every_ms: 60000 }],
  ["a connection stalls, pings too", { channel: "*", fault: "stall", ms: 30000, pings: false, count: 1 }],
  ["a connection ends", { channel: "*", fault: "disconnect", every_ms: 30000 }],
  ["a reconnect is refused", { fault: "handshake", status: 502, count: 3 }],
  ["a reader is too slow: error 25", { channel: "orderbook_delta", fault: "error", code: 25, count: 1 }],
  ["a channel fails: error 10", { channel: "*", fault: "error", code: 10, count: 1 }],
  ["too many requests, in bursts", { path: "*", fault: "status", status: 429, rate: 0.02, burst: 5 }],
  [
    "503, but the order was placed",
    { path: "/portfolio/events/orders", method: "POST", fault: "status", status: 503, applied: true, rate: 0.2 },
  ],
  ["a cancelled order reads as resting", { path: "/portfolio/orders*", fault: "stale", ms: 400 }],
  ["pages are slow", { path: "*", method: "GET", fault: "delay", from: 200, to: 2000, rate: 0.2 }],
  ["the cutoff moves", { path: "/historical/trades", fault: "cutoff", days: 1, after: 20 }],
];

const $ = (id) => document.getElementById(id);
let chosen = "";
let last = null;
let seen = new Map();
let prices = [];

/** An element with a class and what is in it: texts, or other elements. */
function el(tag, className, ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside.map((one) => (one instanceof Node ? one : String(one))));
  return made;
}

function row(cells, className) {
  return el("tr", className, ...cells.map(([text, kind]) => el("td", kind, text)));
}

/** The same with a name that it keeps from one look to the next. */
function keyed(key, made) {
  made.dataset.key = key;
  return made;
}

/** Lets an element come to hold these, each in place of its like, so that what has the focus or is being clicked stays. */
function settle(parent, wanted) {
  const kin = (one) => `${one.nodeName} ${one.dataset?.key ?? ""}`;
  const old = Map.groupBy(parent.childNodes, kin);
  const kept = wanted.map((one) => [old.get(kin(one))?.shift(), one]);
  for (const rest of old.values()) for (const one of rest) one.remove();
  let place = parent.firstChild;
  for (const [here, one] of kept) {
    if (here === undefined) parent.insertBefore(one, place);
    else {
      if (here === place) place = place.nextSibling;
      else parent.insertBefore(here, place);
      become(here, one);
    }
  }
}

function become(here, wanted) {
  if (here.nodeType === Node.TEXT_NODE) {
    if (here.data !== wanted.data) here.data = wanted.data;
    return;
  }
  // The page's policy lets styles be set as properties alone.
  if (here.style.cssText !== wanted.style.cssText) here.style.cssText = wanted.style.cssText;
  for (const { name } of [...here.attributes])
    if (name !== "style" && !wanted.hasAttribute(name)) here.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (name !== "style" && here.getAttribute(name) !== value) here.setAttribute(name, value);
  settle(here, [...wanted.childNodes]);
}

/** Puts rows into a table's body, or a word where there are none. */
function fill(id, rows, none) {
  settle($(id), rows.length === 0 ? [remark(id, none)] : rows);
}

/** A row of words alone, as wide as its table. */
function remark(id, text) {
  const made = row([[text, "soft"]]);
  made.cells[0].colSpan = $(id).closest("table").tHead?.rows[0].cells.length ?? 1;
  return keyed("remark", made);
}

const short = (id) => String(id).slice(0, 8);
const bytes = (n) =>
  n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} kB` : `${(n / 1048576).toFixed(0)} MB`;
const whole = (count) => Number(count).toLocaleString("en", { maximumFractionDigits: 2 });
const compact = (count) => Number(count).toLocaleString("en", { notation: "compact", maximumFractionDigits: 1 });
const money = (amount) =>
  `$${Number(amount).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;
/** A number of things: one `fill`, two `fills`. */
const count = (n, thing) => `${whole(n)} ${thing}${Number(n) === 1 ? "" : "s"}`;
/** A title without its marks of emphasis. */
const plain = (title) => title.replaceAll(/\*\*(.+?)\*\*/g, "$1");
const nameOf = ({ user_id, subaccount }) => `${short(user_id)}${subaccount === 0 ? "" : ` · ${subaccount}`}`;
const timeOf = (iso) => String(iso).slice(11, 19);

async function send(method, path, body) {
  const answer = await fetch(path, { method, body, cache: "no-store" });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.hint ? `${told.error}: ${told.hint}` : told.error);
  return told;
}

async function act(method, path, body) {
  try {
    const told = await send(method, path, body);
    await look();
    return told;
  } catch (error) {
    $("refused").textContent = error.message;
    return null;
  }
}

function showClock({ clock, world, process, requests, markets_live, sessions }) {
  $("now").textContent = clock.now.slice(0, 19).replace("T", " ");
  $("world").textContent = `seed ${world.seed} · ${whole(world.series)} series · ${count(world.events, "event")}`;
  const pressed = (speed) => String(clock.speed === speed && !clock.frozen);
  for (const button of $("speeds").children) button.setAttribute("aria-pressed", pressed(Number(button.dataset.speed)));
  const figures = [
    ["live markets", `${whole(markets_live)} of ${whole(world.markets)}`],
    ["sessions", sessions.length],
    ["requests", whole(requests.requests)],
    ["in flight", requests.in_flight],
    ["memory", bytes(process.memory_bytes)],
    ["up", `${whole(process.uptime_s)} s`],
  ];
  settle(
    $("figures"),
    figures.map(([name, value]) => el("div", "", el("dt", "", name), el("dd", "", value))),
  );
}

function showMarkets({ markets, book, markets_found, markets_live }) {
  $("found").textContent = $("filter").value === "" ? "" : `${whole(markets_found)} of ${whole(markets_live)} live`;
  const rows = markets.map(({ ticker, status, bid, ask, last: price, volume }) => {
    const name = el("button", "", ticker);
    name.type = "button";
    const made = row(
      [
        [name, ""],
        [bid ?? "–", "n bid"],
        [ask ?? "–", "n ask"],
        [price ?? "–", "n"],
        [compact(volume), "n"],
      ],
      status === "active" ? "" : "off",
    );
    made.title = status;
    made.setAttribute("aria-selected", String(ticker === book?.ticker));
    made.dataset.ticker = ticker;
    return keyed(ticker, made);
  });
  if (markets_found > markets.length) rows.push(remark("markets", `and ${whole(markets_found - markets.length)} more`));
  fill("markets", rows, $("filter").value === "" ? "no live markets" : "no live market fits");
}

function levelRow(side, [price, count], total, most) {
  const made = el("div", `level ${side}`);
  const bar = el("i", "bar");
  bar.style.width = `${(100 * total) / most}%`;
  made.append(bar, el("span", "", price), el("span", "", whole(count)), el("span", "total", whole(total)));
  const before = seen.get(`${side}${price}`);
  if (seen.size > 0 && before !== count) made.classList.add("changed");
  return made;
}

function showBook({ book }) {
  if (book === null) return;
  if (book.ticker !== chosen) {
    chosen = book.ticker;
    seen = new Map();
    prices = [];
  }
  $("book-ticker").textContent = book.ticker;
  $("book-about").textContent = `${plain(book.title)} · closes ${book.closes.slice(0, 16).replace("T", " ")}`;
  const sums = (levels) => {
    let total = 0;
    return levels.map(([, count]) => (total += Number(count)));
  };
  const [asks, bids] = [sums(book.asks), sums(book.bids)];
  const most = Math.max(1, asks.at(-1) ?? 0, bids.at(-1) ?? 0);
  const spread = book.asks.length > 0 && book.bids.length > 0 ? (book.asks[0][0] - book.bids[0][0]).toFixed(4) : null;
  const middle = el(
    "div",
    "middle soft",
    el("span", "", spread === null ? "one-sided" : `spread ${spread}`),
    el("span", "", `${count(book.bid_levels, "bid")} · ${count(book.ask_levels, "ask")}`),
  );
  $("ladder").replaceChildren(
    ...book.asks.map((level, i) => levelRow("ask", level, asks[i], most)).reverse(),
    middle,
    ...book.bids.map((level, i) => levelRow("bid", level, bids[i], most)),
  );
  seen = new Map([
    ...book.asks.map(([price, count]) => [`ask${price}`, count]),
    ...book.bids.map(([price, count]) => [`bid${price}`, count]),
  ]);
  showPath(book);
  const trades = book.trades.slice(0, 6).map(({ time, price, count, taker }) =>
    row([
      [timeOf(time), "soft id"],
      [price, `n id ${taker === "yes" ? "bid" : "ask"}`],
      [whole(count), "n id"],
      [`taker ${taker}`, "soft"],
    ]),
  );
  fill("trades", trades, "no trades yet");
}

function showPath({ asks, bids, trades }) {
  const price =
    asks.length > 0 && bids.length > 0
      ? (Number(asks[0][0]) + Number(bids[0][0])) / 2
      : Number(trades[0]?.price ?? NaN);
  if (Number.isFinite(price)) prices = [...prices, price].slice(-240);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const span = Math.max(high - low, 0.01);
  const middle = (high + low) / 2;
  const points = prices.map(
    (one, i) => `${(300 * i) / Math.max(1, prices.length - 1)},${22 - (36 * (one - middle)) / span}`,
  );
  $("path").firstElementChild.setAttribute("points", points.join(" "));
}

function showFaults({ faults, log }) {
  const rules = faults.map(({ id, on, rule, matched, injected }) => {
    const { fault, off: _, ...rest } = rule;
    const flip = el("button", "switch");
    flip.type = "button";
    flip.setAttribute("role", "switch");
    flip.setAttribute("aria-checked", String(on));
    flip.setAttribute("aria-label", `rule ${id}`);
    flip.dataset.id = id;
    const gone = el("button", "quiet", "×");
    gone.type = "button";
    gone.dataset.gone = id;
    gone.setAttribute("aria-label", `remove rule ${id}`);
    const text = Object.entries(rest)
      .map(([name, value]) => `${name} ${value}`)
      .join(" · ");
    const what = el("span", "what", el("b", "", fault), " ", el("span", "soft", text));
    return keyed(id, el("li", "", flip, what, el("span", "soft", `${whole(injected)} of ${whole(matched)}`), gone));
  });
  settle($("rules"), rules.length === 0 ? [el("li", "empty", "Nothing goes wrong on purpose.")] : rules);
  $("struck").textContent = log.total === 0 ? "" : count(log.total, "time");
  const strikes = log.strikes
    .toReversed()
    .map(({ time, fault, rule, request, session, user_id, ticker, type, seq }) => {
      const whom =
        request ??
        `session ${session} · ${type}${ticker === null ? "" : ` ${ticker}`}${seq === null ? "" : ` #${seq}`}`;
      return row([
        [timeOf(time), "soft id"],
        [`${fault} (${rule})`, ""],
        [whom, "wrap"],
        [user_id === null ? "" : short(user_id), "soft id"],
      ]);
    });
  fill("log", strikes, "nothing yet");
}

function showSessions({ sessions }, elapsed) {
  const before = new Map((last?.sessions ?? []).map(({ id, frames }) => [id, frames]));
  const rows = sessions.map(({ id, account, subscriptions, frames, pending_bytes }) => {
    const rate = elapsed > 0 && before.has(id) ? (frames - before.get(id)) / elapsed : 0;
    const named = subscriptions.reduce((sum, { markets }) => sum + (markets ?? 0), 0);
    const all = subscriptions.some(({ markets }) => markets === null) ? "all" : "";
    const channels = subscriptions.map(({ channel }) => channel).join(", ");
    return row([
      [id, "n id"],
      [short(account), "id"],
      [channels || "none", "wrap"],
      [all || named, "n"],
      [rate.toFixed(0), "n"],
      [bytes(pending_bytes), "n"],
    ]);
  });
  fill("sessions", rows, "nobody is connected");
}

function track(name, { tokens, capacity }) {
  const level = el("i");
  level.style.width = `${(100 * tokens) / capacity}%`;
  return el(
    "div",
    "tokens",
    el("span", "soft", name),
    el("div", "track", level),
    el("span", "", `${whole(tokens)} of ${whole(capacity)}`),
  );
}

/** Each member with its subaccounts; the tokens are the member's. */
function showAccounts({ accounts, tokens }) {
  const levels = new Map(tokens.accounts.map((one) => [one.user_id, one]));
  const own = [...Map.groupBy(accounts, ({ user_id }) => user_id)].map(([user_id, parts]) => {
    const made = keyed(user_id, el("div", "account"));
    for (const { subaccount, balance, resting, positions, fills } of parts) {
      const name = parts.length === 1 ? [] : [" ", el("span", "soft", `subaccount ${subaccount}`)];
      const who = el("span", "", subaccount === 0 ? el("span", "mono", short(user_id)) : "", ...name);
      const figures = `${whole(resting)} resting · ${count(positions, "position")} · ${count(fills, "fill")}`;
      made.append(el("p", "", who, el("b", "", money(balance))), el("p", "soft", figures));
    }
    const level = levels.get(user_id);
    if (level !== undefined) made.append(track("read", level.read), track("write", level.write));
    return made;
  });
  const strangers = tokens.unsigned.map((one) => {
    const who = el("p", "", el("span", "mono", one.address), el("span", "soft", "unsigned"));
    return keyed(one.address, el("div", "account", who, track("each", one)));
  });
  settle($("accounts"), [...own, ...strangers]);
}

function showOrders({ orders }) {
  const rows = orders.toReversed().map((one) =>
    row([
      [one.ticker, "id"],
      [one.book_side, one.book_side],
      [one.yes_price_dollars, "n"],
      [whole(one.remaining_count_fp), "n"],
      [whole(one.fill_count_fp), "n"],
      [nameOf(one), "soft id"],
    ]),
  );
  fill("orders", rows, "no orders rest");
}

function showRequests({ requests }) {
  const paths = Object.entries(requests.by_path).sort(([, a], [, b]) => b - a);
  const statuses = Object.entries(requests.by_status).map(([status, count]) => `${status} × ${whole(count)}`);
  const rows = paths.map(([path, count]) =>
    row([
      [path, "id wrap"],
      [whole(count), "n"],
    ]),
  );
  if (statuses.length > 0)
    rows.unshift(
      row([
        [statuses.join(" · "), "wrap"],
        [requests.lost === 0 ? "" : `${requests.lost} lost`, "n soft"],
      ]),
    );
  fill("requests", rows, "none yet");
}

let asking = false;
let asked = 0;
async function look() {
  if (asking) return;
  asking = true;
  try {
    const query = new URLSearchParams({ ticker: wanted, filter: $("filter").value });
    const state = await send("GET", `/overview?${query}`);
    const now = performance.now();
    showClock(state);
    showMarkets(state);
    showBook(state);
    showFaults(state);
    showSessions(state, asked === 0 ? 0 : (now - asked) / 1000);
    showAccounts(state);
    showOrders(state);
    showRequests(state);
    [last, asked] = [state, now];
    $("trouble").hidden = true;
  } catch (error) {
    $("trouble").textContent = `The sandbox does not answer: ${error.message}`;
    $("trouble").hidden = false;
  } finally {
    asking = false;
  }
}

let wanted = "";
for (const speed of SPEEDS) {
  const button = el("button", "", speed === 0 ? "stand" : `${speed}×`);
  button.type = "button";
  button.dataset.speed = speed;
  button.addEventListener("click", () => act("POST", `/clock?speed=${speed}`));
  $("speeds").append(button);
}
for (const [name] of PRESETS) $("preset").append(el("option", "", name));
const preset = () => {
  $("rule").value = JSON.stringify(PRESETS[$("preset").selectedIndex][1]);
};
$("preset").addEventListener("change", preset);
preset();
$("markets").addEventListener("click", (event) => {
  wanted = event.target.closest("tr")?.dataset.ticker ?? wanted;
  look();
});
$("filter").addEventListener("input", look);
$("clear").addEventListener("click", () => act("DELETE", "/faults"));
$("rules").addEventListener("click", ({ target }) => {
  const { id, gone } = target.dataset;
  if (gone !== undefined) act("DELETE", `/faults/rules/${gone}`);
  else if (id !== undefined)
    act("POST", `/faults/rules/${id}/${target.getAttribute("aria-checked") === "true" ? "off" : "on"}`);
});
$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  $("refused").textContent = "";
  act("POST", "/faults/rules", $("rule").value);
});
look();
setInterval(look, EVERY_MS);
