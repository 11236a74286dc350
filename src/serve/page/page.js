// Polls /api/status once a second and shows the response. Text from records and names is set as text, never as markup.
import { bar, columns, count, sparkline } from "/charts.js";

const POLL_MS = 1000;
const TIMEOUT_MS = 4000;
const STALE_MS = 6000;
const WINDOW_MS = 5000;
const MAX_HISTORY = 120;
const STAGES = [["consumed", "Consumed from Kafka"], ["decoded", "Decoded"], ["written", "Written to staging"], ["committed", "Committed"]];

const at = (id) => document.getElementById(id);
const samples = []; // {at, stages}
const histories = Object.fromEntries(STAGES.map(([name]) => [name, []]));
let lastResponseMs = 0;

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.map((child) => child ?? ""));
  return element;
}

// Updates a list of elements in place, so that focus and open details are kept.
function sync(parent, items, keyOf, build, update) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, i) => {
    const key = keyOf(item);
    const element = known.get(key) ?? build(item);
    known.delete(key);
    element.dataset.key = key;
    update(element, item);
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null);
  });
  for (const obsolete of known.values()) obsolete.remove();
}

function fill(element, ...content) {
  if (content.length === 1 && typeof content[0] === "string") {
    if (element.textContent !== content[0]) element.textContent = content[0];
  } else {
    element.replaceChildren(...content);
  }
}

// Rows of a table: `cells` returns [content, class] for each cell; the first is the row's heading.
function rows(body, items, keyOf, cells) {
  const update = (row, item) => {
    const wanted = cells(item);
    while (row.children.length < wanted.length) {
      row.append(row.children.length === 0 ? make("th", { scope: "row" }) : make("td"));
    }
    wanted.forEach(([content, kind], i) => {
      row.children[i].className = kind ?? "";
      fill(row.children[i], content);
    });
  };
  sync(body, items, keyOf, () => make("tr"), update);
}

function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  for (; value >= 999.5 && unit + 1 < units.length; ++unit) value /= 1000;
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function age(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : `${count.format(Math.floor(seconds / 86400))} days`;
}

const counted = (number, one, many) => `${count.format(number)} ${number === 1 ? one : many}`;
const ago = (now, then) => (then == null ? "–" : `${age(now - then)} ago`);
const clock = (ms) => new Date(ms).toISOString().slice(11, 19);
const total = (object) => Object.values(object).reduce((sum, value) => sum + value, 0);

function tiles(list, entries) {
  sync(list, entries, ([name]) => name, ([name]) => make("div", {}, make("dt", {}, name), make("dd")),
    (tile, [, value, kind]) => {
      fill(tile.lastElementChild, value);
      tile.lastElementChild.className = kind ?? "";
    });
}

// --- Sections ------------------------------------------------------------------------------------------------------

function showNow(response, status) {
  const entries = [];
  if (response.lander) entries.push(["Lander", response.lander.phase, response.lander.phase === "failed" ? "bad" : ""]);
  if (status) {
    const lags = status.tables.map((table) => table.lag);
    const lag = lags.length > 0 && lags.every((one) => one != null) ? lags.reduce((sum, one) => sum + one, 0) : null;
    const expired = status.tables.reduce((sum, table) => sum + (table.expired ?? 0), 0);
    const heldBack = status.tables.reduce((sum, table) => sum + (table.held_back ?? 0), 0);
    const cutBack = status.tables.reduce((sum, table) => sum + (table.cut_back ?? 0), 0);
    const newest = status.tables.map((table) => table.newest_kafka_ms).filter((one) => one != null);
    entries.push(["Last commit", ago(response.served_at_ms, status.last_landed_at_ms)]);
    entries.push(["Lag", lag == null ? "unknown" : counted(lag, "record", "records"), lag > 0 ? "wait" : ""]);
    if (expired > 0) entries.push(["Expired before landing", counted(expired, "record", "records"), "bad"]);
    if (cutBack > 0) entries.push(["Landed beyond the end of a log", counted(cutBack, "offset", "offsets"), "bad"]);
    if (heldBack > 0) entries.push(["Behind open transactions", counted(heldBack, "record", "records"), "wait"]);
    entries.push(["Freshness", newest.length > 0 ? `${age(response.served_at_ms - Math.max(...newest))} old` : "–"]);
    entries.push(["Rows", count.format(status.tables.reduce((sum, table) => sum + table.rows, 0))]);
    entries.push(["Quarantined", count.format(status.tables.reduce((sum, table) => sum + total(table.quarantined), 0))]);
    const untimed = status.tables.reduce((sum, table) => sum + table.untimed, 0);
    if (untimed > 0) entries.push(["Without a usable Kafka timestamp", count.format(untimed), "wait"]);
    entries.push(["Batches", count.format(status.last_batch)]);
    entries.push(["Disk free", bytes(status.free_bytes)]);
  }
  entries.push([response.lander ? "Lander's memory" : "This page's memory", bytes(response.memory_bytes)]);
  tiles(at("now"), entries);
}

function addSample(response) {
  const now = response.served_at_ms;
  samples.push({ at: now, stages: response.lander.stages });
  while (samples.length > 2 && now - samples[0].at > WINDOW_MS) samples.shift();
  const first = samples[0];
  const seconds = Math.max(0.001, (now - first.at) / 1000);
  const rate = (name, unit) => Math.max(0, (response.lander.stages[name][unit] - first.stages[name][unit]) / seconds);
  return STAGES.map(([name, title]) => {
    const records = rate(name, "records");
    histories[name].push(records);
    if (histories[name].length > MAX_HISTORY) histories[name].shift();
    return { name, title, records, bytes: rate(name, "bytes"), all: response.lander.stages[name] };
  });
}

function showFlow(response, status) {
  const engine = status?.engine_status;
  fill(at("flow-note"), response.lander ? "" : engine ? `The ${engine.engine} engine is ${engine.state}; its progress is visible per commit only.`
    : "Another process lands into this lake; its progress is visible per commit only.");
  at("stages").hidden = at("queues").hidden = !response.lander;
  if (!response.lander) return;
  sync(at("stages"), addSample(response), (stage) => stage.name,
    (stage) => make("li", {}, make("div", { class: "name" }, stage.title), make("div", { class: "rate" }), make("div", { class: "more" }), make("div")),
    (item, stage) => {
      fill(item.children[1], `${count.format(Math.round(stage.records))} records/s`);
      fill(item.children[2], `${bytes(stage.bytes)}/s; ${count.format(stage.all.records)} in total`);
      item.children[3].replaceChildren(sparkline(histories[stage.name]));
    });
  const lander = response.lander;
  tiles(at("queues"), [
    ["Waiting for decoding", `${bytes(lander.in_flight_bytes)} of ${bytes(lander.in_flight_limit_bytes)}`],
    ["Waiting for writing", counted(lander.queued_blocks, "block", "blocks")],
    ["Being written", counted(lander.open_files, "file", "files")],
    ["Waiting for commit", counted(lander.staged_batches, "batch", "batches")],
  ]);
}

function showTables(response, status) {
  const now = response.served_at_ms;
  rows(at("tables"), status.tables, (table) => table.table, (table) => [
    [table.table], [count.format(table.rows), "number"], [bytes(table.bytes), "number"], [count.format(table.files), "number"],
    [table.lag == null ? "unknown" : count.format(table.lag), table.lag > 0 ? "number wait" : "number"],
    [ago(now, table.newest_kafka_ms), "number"],
    [ago(now, table.newest_event_us == null ? null : table.newest_event_us / 1000), "number"]]);
}

function panel(heading, caption, columnsOf) {
  const head = make("tr", {}, ...columnsOf.map(([name, kind]) => make("th", { scope: "col", class: kind ?? "" }, name)));
  const scroll = make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption },
    make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody")));
  return make("div", { class: "panel" }, make("h3", {}, heading), scroll);
}

function describeHeldBack(partition, now) {
  const { since_ms: since, producer_id: id, producer_epoch: epoch } = partition.open_transaction;
  return `${counted(partition.held_back, "record waits", "records wait")} behind an open transaction of ${partition.topic} partition ${partition.partition}`
    + `${since == null ? "" : `, since ${age(now - since)} ago`}${id == null ? "" : `, of producer id ${id}, epoch ${epoch}`}.`;
}

const describeExpired = (partition) => `${counted(partition.expired, "offset", "offsets")} of ${partition.topic} partition `
  + `${partition.partition} expired in Kafka before they were landed: forebay land --accept-loss continues without them.`;

const describeCutBack = ({ topic, partition, stable, next }) => `The log of ${topic} partition ${partition} ends at offset `
  + `${count.format(stable)}, and was landed up to offset ${count.format(next)}: it was cut back, or these are other brokers. `
  + `forebay land stops at it; forebay land --adopt-log ${topic}:${partition} lands it from where it differs.`;

const partitionsOf = (status, wanted, describe) => status.tables.flatMap((table) => table.partitions
  .filter((one) => one[wanted] > 0 && !one.ended).map((one) => describe(one, status.now_ms)));

function showLag(status) {
  const obstacles = [...partitionsOf(status, "expired", describeExpired), ...partitionsOf(status, "cut_back", describeCutBack),
    ...partitionsOf(status, "held_back", describeHeldBack)];
  fill(at("lag-note"), status.broker_error ? `Lag unknown: ${status.broker_error}`
    : status.brokers_queried ? obstacles.join(" ") : "Lag is unknown without --brokers.");
  const greatest = Math.max(1, ...status.tables.flatMap((table) => table.partitions.map((one) => one.lag ?? 0)));
  sync(at("lag"), status.tables, (table) => table.table,
    (table) => panel(table.table, table.topics.length === 1 ? `Partitions of topic ${table.topic}` : `Partitions of ${table.topics.length} topics`,
      [["Partition", "number"], ["Landed up to", "number"], ["End", "number"], ["Lag", "number"], ["Held back", "number"], ["", ""]]),
    // The brokers were queried shortly before the ledger was read: records landed meanwhile exceed their end offset,
    // unless the log was cut back.
    (element, table) => rows(element.querySelector("tbody"), table.partitions, (one) => `${one.topic} ${one.partition}`, (one) => [
      [table.topics.length === 1 ? String(one.partition) : `${one.topic} ${one.partition}`, "number"], [count.format(one.next), "number"],
      [one.stable == null ? "–" : count.format(one.cut_back > 0 ? one.stable : Math.max(one.stable, one.next)), one.cut_back > 0 ? "number bad" : "number"],
      [one.lag == null ? "–" : count.format(one.lag), one.lag > 0 ? "number wait" : "number"],
      [one.held_back == null ? "–" : count.format(one.held_back), one.held_back > 0 ? "number wait" : "number"], [bar((one.lag ?? 0) / greatest, "wait")]]));
}

function describeDates(table) {
  if (table.dates.length === 0) return `${table.table} has no rows yet`;
  const open = table.dates.filter((date) => date.state === "open").length;
  const most = table.dates.reduce((best, date) => (date.rows > best.rows ? date : best));
  return `Rows by date of ${table.table}: ${table.dates.length} dates from ${table.dates[0].date} to ${table.dates.at(-1).date}, `
    + `most on ${most.date} with ${count.format(most.rows)} rows; ${open} are open`;
}

function showDates(status) {
  const build = (table) => {
    const zone = table.time_zone && table.time_zone !== "UTC" ? ` (${table.time_zone})` : "";
    const built = panel(table.table, `Dates of ${table.table}${zone}`, [["Date"], ["State"], ["Rows", "number"], ["Files", "number"], ["Size", "number"], ["Waiting for"]]);
    const details = make("details", {}, make("summary", {}, "As a table"));
    built.replaceChildren(built.firstChild, make("div"), details);
    details.append(panel("", `Dates of ${table.table}, the newest first`, [["Date"], ["State"], ["Rows", "number"], ["Files", "number"], ["Size", "number"], ["Waiting for"]]).lastChild);
    return built;
  };
  sync(at("dates"), status.tables, (table) => table.table, build, (element, table) => {
    const bars = table.dates.map((date) => ({ label: date.date, value: date.rows, kind: date.state }));
    const drawn = JSON.stringify(bars);
    if (element.dataset.drawn !== drawn) {
      element.dataset.drawn = drawn;
      element.children[1].replaceChildren(columns(bars, describeDates(table)),
        make("p", { class: "note" }, [bars.some((one) => one.kind === "open") ? "Amber dates are open: more records may land." : "",
          table.dates_omitted > 0 ? `${count.format(table.dates_omitted)} earlier dates are not shown.` : ""].filter(Boolean).join(" ")));
    }
    rows(element.querySelector("tbody"), [...table.dates].reverse(), (date) => date.date, (date) => [
      [date.date], [date.reopened ? `${date.state}, reopened` : date.state, date.state === "complete" ? "good" : date.state === "open" ? "wait" : ""],
      [count.format(date.rows), "number"], [count.format(date.files), "number"], [bytes(date.bytes), "number"], [date.waits_for]]);
  });
}

function exampleText(example) {
  const where = `Partition ${example.partition}, offset ${count.format(example.offset)}`;
  const when = example.timestamp_us == null ? "" : `, produced ${new Date(example.timestamp_us / 1000).toISOString()}`;
  const reason = [example.field, example.detail].filter(Boolean).join(": ");
  return `${where}${when}${reason ? `: ${reason}` : ""}; ${count.format(example.value_bytes)} bytes`;
}

function showQuarantine(status) {
  const reasons = status.tables.flatMap((table) => Object.entries(table.quarantined)
    .map(([reason, records]) => ({ table: table.table, reason, records, key: `${table.table} ${reason}` })));
  reasons.sort((a, b) => b.records - a.records || (a.key < b.key ? -1 : 1));
  const all = Math.max(1, reasons.reduce((sum, one) => sum + one.records, 0));
  fill(at("quarantine-note"), reasons.length === 0 ? "No records were rejected." : status.quarantine_error || "");
  rows(at("reasons"), reasons, (one) => one.key, (one) => [[one.table], [one.reason], [count.format(one.records), "number"], [bar(one.records / all)]]);
  const groups = reasons.map((one) => ({ ...one, examples: status.quarantine_examples.filter((example) => example.table === one.table && example.reason === one.reason) }))
    .filter((one) => one.examples.length > 0);
  sync(at("examples"), groups, (one) => one.key,
    (one) => make("details", {}, make("summary", {}, `Examples: ${one.table}, ${one.reason}`), make("div")),
    (element, one) => {
      const drawn = JSON.stringify(one.examples);
      if (element.dataset.drawn === drawn) return;
      element.dataset.drawn = drawn;
      element.lastElementChild.replaceChildren(...one.examples.flatMap((example) => [
        make("p", { class: "note" }, exampleText(example)), make("pre", {}, make("code", {}, example.value_preview))]));
    });
}

function showCommits(response, status) {
  rows(at("commits"), status.commits, (commit) => String(commit.batch), (commit) => [
    [count.format(commit.batch), "number"], [ago(response.served_at_ms, commit.decided_at_ms)],
    [commit.published ? "published" : "decided", commit.published ? "" : "wait"], [count.format(commit.rows), "number"],
    [count.format(commit.quarantined), "number"], [count.format(commit.files), "number"], [bytes(commit.bytes), "number"], [commit.engine]]);
}

function showLatency(response) {
  const seconds = response.lander?.commit_seconds;
  const commits = seconds ? seconds.counts.reduce((sum, one) => sum + one, 0) : 0;
  if (commits === 0) return at("latency").replaceChildren();
  const labels = [...seconds.bounds.map((bound) => `${bound} s`), "more"];
  const bars = seconds.counts.map((value, i) => ({ label: labels[i], value }));
  const mean = `${((seconds.sum / commits) * 1000).toFixed(0)} ms`;
  const drawn = JSON.stringify(bars);
  if (at("latency").dataset.drawn === drawn) return undefined;
  at("latency").dataset.drawn = drawn;
  return at("latency").replaceChildren(make("div", { class: "panel" }, make("h3", {}, `Commit duration: ${mean} on average`),
    columns(bars, `${count.format(commits)} commits of this lander, ${mean} on average; the slowest took up to ${labels[seconds.counts.findLastIndex((one) => one > 0)]}`)));
}

function showOperatorActions(status) {
  const actions = [
    ...status.lost.map((one) => `Accepted loss: ${count.format(one.to_offset - one.from_offset)} offsets of ${one.topic || one.topic_id} partition ${one.partition}, from ${count.format(one.from_offset)} on (${new Date(one.accepted_at_ms).toISOString()}).`),
    ...status.adoptions.map((one) => `Adopted topic: ${one.topic} was recreated, and adopted on ${new Date(one.adopted_at_ms).toISOString()}.`),
    ...status.adopted_logs.map((one) => `Adopted log: partition ${one.partition} of ${one.topic} from offset ${one.beginning} on, on ${new Date(one.adopted_at_ms).toISOString()}.`)];
  at("operator-actions").hidden = actions.length === 0;
  sync(at("operator-action-list"), actions, (action) => action, (action) => make("li", {}, action), () => {});
}

function showFields(status) {
  const told = status.tables.flatMap((table) => [
    ...table.hints.map((hint) => `${table.table}: ${hint}`),
    ...(table.always_missing.length > 0 ? [`${table.table}: fields without a value in any row: ${table.always_missing.join(", ")}`] : []),
    ...Object.entries(table.unknown_members).map(([member, rows]) => `${table.table}: unknown member ${member} in ${counted(rows, "row", "rows")}`),
    ...Object.entries(table.nulled_values).map(([field, rows]) => `${table.table}: wrong values of ${field} became null in ${counted(rows, "row", "rows")}`)]);
  at("fields").hidden = told.length === 0;
  sync(at("field-list"), told, (one) => one, (one) => make("li", {}, one), () => {});
}

function showServiceLevels(status) {
  const levels = status.tables.flatMap((table) => table.service_levels.map((level) => ({ ...level, table: table.table })));
  at("levels").hidden = levels.length === 0;
  rows(at("level-rows"), levels, (level) => `${level.table} ${level.property}`, (level) => [
    [level.table], [level.property], [age(level.limit_ms), "number"], [level.value_ms == null ? "–" : age(level.value_ms), "number"],
    [level.breached == null ? "unknown" : level.breached ? "breached" : "met", level.breached == null ? "" : level.breached ? "bad" : "good"], [level.detail]]);
}

function notices(response, status) {
  const all = [];
  if (response.error) all.push(["bad", `Cannot read the lake: ${response.error}`]);
  if (response.lander?.failure) all.push(["bad", `Landing failed: ${response.lander.failure}`]);
  for (const table of status?.tables ?? []) for (const topic of table.topics) if (topic.error) all.push(["bad", `Topic ${topic.topic}: ${topic.error}`]);
  if (status?.half_published.length > 0) all.push(["", `Batch ${status.half_published[0]} is decided but not published yet.`]);
  sync(at("notices"), all, ([kind, text]) => kind + text, ([kind, text]) => make("p", { class: `notice ${kind}` }, text), () => {});
}

// --- The connection ------------------------------------------------------------------------------------------------

function connection(state, text) {
  document.body.dataset.state = state;
  at("connection").dataset.state = state;
  fill(at("connection"), text); // a live region: announced only when the text changes
}

function show(response) {
  const status = response.status;
  const statusAgeMs = status ? response.served_at_ms - status.now_ms : 0;
  lastResponseMs = response.served_at_ms;
  if (!status) connection("stale", "The lake has not been read yet");
  else if (statusAgeMs > STALE_MS) connection("stale", `Stale: the lake was last read at ${clock(status.now_ms)} UTC`);
  else connection("live", "Live");
  notices(response, status);
  showNow(response, status);
  showFlow(response, status);
  showLatency(response);
  fill(at("about"), `Forebay ${response.version}${status ? `; lake ${status.lake_id}` : ""}. All times are UTC.`);
  if (!status) return;
  fill(at("lake"), status.lake);
  document.title = `Forebay: ${status.lake}`;
  showTables(response, status);
  showLag(status);
  showDates(status);
  showQuarantine(status);
  showServiceLevels(status);
  showFields(status);
  showCommits(response, status);
  showOperatorActions(status);
}

async function poll() {
  try {
    const reply = await fetch("/api/status", { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!reply.ok) throw new Error(`HTTP status ${reply.status}`);
    show(await reply.json());
  } catch (error) {
    samples.length = 0;
    connection("lost", lastResponseMs > 0 ? `Connection lost; showing data from ${clock(lastResponseMs)} UTC` : "Connection lost");
    if (!(error instanceof TypeError || error.name === "TimeoutError")) console.error(error);
  }
  setTimeout(poll, POLL_MS);
}

poll();
