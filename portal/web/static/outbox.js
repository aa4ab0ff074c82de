// What was answered and the server does not hold yet: sent at once, again until acknowledged, each answer once.
(function () {
  "use strict";
  const FIRST_WAIT = 1000, LONGEST_WAIT = 30000, PATIENCE = 20000; // milliseconds
  const LARGEST_BATCH = 400, MOST_DEVICES = 50; // answers; devices whose answers a batch may say were seen

  // options: {csrf; save, complete, renew: addresses; holder: whose phone this is, by a name that says nothing;
  //           mine: this page's assignment, if any; held: what the server held
  //           when it made the page, {upto, received: {link_id: true}, leads: [question]}, null on an offline page;
  //           say(state, {hour, message, count}): saving, saved, late, kept, unkept, refused, out;
  //           completed(assignment, reply): done before the page moves on}
  // Nothing is sent before `attach` or `alone`: an earlier page's answers must not arrive after newer ones.
  window.Outbox = function (options) {
    const device = randomName(), given = []; // every answer of this page, acknowledged or not
    const stopped = new Set(); // assignments whose answers the server will not take
    const states = {}; // by assignment: what the server holds already and this phone has wiped
    let waiting = [], completions = [], store = null, written = Promise.resolve(), seq = 0, ready = false, others = 0;
    let running = null, wait = FIRST_WAIT, timer = 0, troubled = false;

    if (options.mine) states[options.mine] = newState(options.held);

    function newState(held) {
      const { upto = 0, received = {}, leads = [] } = held || {};
      return { received, leads, filled_in_by: null, seen: { upto, devices: {} } };
    }

    // ── what is kept on the phone ─────────────────────────────────────────────

    // Takes over the phone's store: what it holds of earlier pages goes first, in the order in which it was given.
    async function attach(opened) {
      const held = await opened.list();
      const mine = states[options.mine], entries = [];
      held.forEach(({ key, value }) => {
        if (value.holder !== options.holder) return void (others += value.state ? 0 : 1); // it waits for who gave it
        if (typeof key === "number") entries.push(Object.assign(value, { key, kept: true }));
        else if (key.endsWith("/complete")) completions.push(Object.assign(value, { kept: true }));
        else if (value.assignment !== options.mine || !options.held) states[value.assignment] = value.state;
        else mine.filled_in_by = value.state.filled_in_by; // for the rest, the server's page is newer
      });
      entries.forEach(({ assignment, device, seq }) => { // this page shows them, whoever receives them when
        if (assignment === options.mine) states[assignment].seen.devices[device] = seq;
      });
      waiting = entries.concat(waiting);
      store = opened;
      store.onLost(lost);
      ready = true;
      await Promise.all(waiting.concat(completions).map(keep));
      if (options.held) remember(options.mine);
      return { entries: entries.filter((each) => each.assignment === options.mine), state: states[options.mine] };
    }

    // There is nothing to attach.
    function alone() { ready = true; }

    // Another page has forgotten this phone, or the browser has cleared it: what is unsent is in memory only.
    function lost() {
      store = null;
      waiting.concat(completions).forEach((record) => { record.kept = false; });
      tell();
    }

    async function keep(record) {
      if (!store || record.kept) return;
      record.holder = options.holder;
      try {
        if (record.answer) record.key = await store.put(record);
        else await store.put(record, record.assignment + "/complete");
        record.kept = true;
        if (waiting.indexOf(record) < 0 && completions.indexOf(record) < 0) wipe([record]); // acknowledged meanwhile
      } catch (full) {
        record.kept = false; // no room: it stays in memory, and the page says so
      }
    }

    // One after the other: what the server holds is noted before the answers go, whenever the page is left.
    function write(deed) {
      if (store) written = written.then(deed).catch(() => {});
      return written;
    }

    function wipe(records) {
      return write(() => Promise.all(records.filter((each) => each.kept).map((each) =>
        store.drop(each.answer ? each.key : each.assignment + "/complete"))));
    }

    function remember(assignment) {
      const record = () => ({ assignment, holder: options.holder, state: states[assignment] });
      write(() => states[assignment] && store.put(record(), assignment + "/state"));
    }

    // ── what comes in ─────────────────────────────────────────────────────────

    function add(answer) {
      const seen = states[options.mine].seen;
      const entry = { assignment: options.mine, device, seq, seen, answer: Object.assign({ seq: seq++ }, answer) };
      delete states[options.mine].received[answer.link_id];
      given.push(entry);
      waiting.push(entry);
      keep(entry).then(tell);
      flush();
    }

    // Sends every answer of this page once more and locks the response; `done` gets the reply.
    function complete(filledInBy, done) {
      let record = find(options.mine);
      if (!record) completions.push(record = { assignment: options.mine, device });
      record.filled_in_by = filledInBy;
      record.done = done;
      stopped.delete(options.mine);
      wait = FIRST_WAIT;
      return keep(record).then(flush);
    }

    // Notes what else the page knows, for when it is opened again without network.
    function noteOf(more) {
      Object.assign(states[options.mine], more);
      remember(options.mine);
    }

    function find(assignment) { return completions.find((each) => each.assignment === assignment); }
    function ofIts(record) { return (each) => each.assignment === record.assignment; }
    function ofSame(entry) { return (each) => each.assignment === entry.assignment && each.device === entry.device; }

    // ── sending ───────────────────────────────────────────────────────────────

    // Sends whatever waits; resolves to true once nothing waits any more.
    function flush() {
      clearTimeout(timer);
      if (!ready) return Promise.resolve(false);
      if (!running) running = work().then(went);
      return running; // it goes on by itself with what comes in meanwhile
    }

    function went(well) {
      running = null;
      if (well && choose()) return flush(); // it came in just as the last reply did
      const empty = !waiting.length && !completions.length;
      if (empty && store) store.unmark();
      return empty;
    }

    async function work() {
      try {
        for (let next = choose(); next; next = choose()) await send(next);
        wait = FIRST_WAIT;
        return true;
      } catch (failure) {
        troubled = true;
        tell();
        if (failure.out) options.say("out");
        timer = setTimeout(flush, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
        return false;
      }
    }

    // What goes next: a completion whose answers it carries itself, else the oldest answers, else any completion.
    function choose() {
      const entries = waiting.filter((each) => !stopped.has(each.assignment));
      const done = completions.find((each) => !stopped.has(each.assignment) && carries(entries.filter(ofIts(each))));
      if (done) return { completion: done, entries: given.filter(ofIts(done)).slice(-LARGEST_BATCH) };
      return entries.length ? { entries: entries.filter(ofSame(entries[0])).slice(0, LARGEST_BATCH) } : null;
    }

    // Whether a completion carries all these itself.
    function carries(entries) { return entries.length <= LARGEST_BATCH && entries.every((each) => each.device === device); }

    async function send({ completion, entries }) {
      const of = completion || entries[0], assignment = of.assignment;
      const body = { assignment, device: entries.length ? entries[0].device : device, answers: entries.map((each) => each.answer) };
      if (entries.length) body.seen = newestOf(entries[0].seen);
      if (completion) body.filled_in_by = completion.filled_in_by;
      if (assignment === options.mine && !completion) options.say("saving");
      let reply;
      try {
        reply = await post(completion ? options.complete : options.save, body, true);
      } catch (failure) {
        if (!failure.final) throw failure;
        return refuse(assignment, failure);
      }
      troubled = false;
      const safe = new Set(reply.acknowledged);
      const gone = waiting.filter((each) => ofSame(body)(each) && safe.has(each.answer.seq));
      waiting = waiting.filter((each) => gone.indexOf(each) < 0);
      note(assignment, body.device, gone);
      wipe(gone);
      if (completion) await finish(completion, reply);
      else if (assignment === options.mine) {
        options.say(reply.set_apart.length ? "late" : "saved", { hour: new Date(reply.received_at) });
      }
    }

    function finish(completion, reply) {
      completions = completions.filter((each) => each !== completion);
      wipe([completion]);
      return write(() => store.drop(completion.assignment + "/state"))
        .then(() => options.completed(completion.assignment, reply))
        .then(() => { if (completion.done) completion.done(reply); });
    }

    // The server will never take these: they stay where they are, nothing is tried again, and the page says so.
    function refuse(assignment, failure) {
      stopped.add(assignment);
      if (failure.status === 410) { // left the study: nothing more is kept of it
        wipe(waiting.concat(completions).filter((each) => each.assignment === assignment));
        waiting = waiting.filter((each) => each.assignment !== assignment);
        completions = completions.filter((each) => each.assignment !== assignment);
        write(() => store.drop(assignment + "/state"));
      }
      if (assignment === options.mine) options.say("refused", { message: failure.message });
    }

    // Notes, without the values, what the server holds now: an offline page must not ask for it again.
    function note(assignment, sender, entries) {
      const state = states[assignment] = states[assignment] || newState(null);
      entries.forEach(({ answer }) => {
        state.received[answer.link_id] = true;
        state.seen.devices[sender] = Math.max(answer.seq, state.seen.devices[sender] || 0);
      });
      if (entries.length) remember(assignment);
    }

    async function post(address, body, mayRenew) {
      if (!options.csrf) await renew();
      const text = JSON.stringify(body);
      const response = await patiently(address, {
        method: "POST", credentials: "same-origin", keepalive: text.length < 60000, body: text,
        headers: { "Content-Type": "application/json", "X-CSRFToken": options.csrf }
      });
      const reply = await response.json().catch(() => ({}));
      if (response.ok && Array.isArray(reply.acknowledged)) return reply;
      if (!reply.error) throw { status: response.status }; // not the portal: whoever lets nobody through yet, or a proxy
      const stale = response.status === 401 || reply.error === "bad-request";
      if (stale && mayRenew) {
        await renew();
        return post(address, body, false);
      }
      const final = !stale && response.status >= 400 && response.status < 500 && response.status !== 429;
      throw { final, out: response.status === 401, status: response.status, message: reply.message };
    }

    // The session was over: any page of hers begins a new one on a remembered phone.
    async function renew() {
      const page = await (await patiently(options.renew, { credentials: "same-origin" })).text();
      const found = /name="csrf_token" value="([^"]+)"/.exec(page);
      if (found) options.csrf = found[1];
    }

    // Says where the unsent answers are, when they cannot go.
    function tell() {
      const unsent = waiting.concat(completions).filter((each) => !stopped.has(each.assignment));
      if (troubled && unsent.length) options.say(unsent.every((each) => each.kept) ? "kept" : "unkept", { count: waiting.length });
    }

    function again() {
      if (!waiting.length && !completions.length) return;
      wait = FIRST_WAIT;
      flush();
    }
    window.addEventListener("online", again);
    window.addEventListener("focus", again);
    window.addEventListener("pageshow", again);
    document.addEventListener("visibilitychange", again);
    window.addEventListener("pagehide", () => { // there is no later for what waited until now
      ready = true;
      flush();
    });
    window.addEventListener("beforeunload", (event) => {
      if (isSafe()) return;
      event.preventDefault();
      event.returnValue = "";
    });

    // Whether the page can be left without losing anything that could still go.
    function isSafe() { return waiting.concat(completions).every((each) => each.kept || stopped.has(each.assignment)); }

    return {
      add, alone, attach, complete, flush, find, isSafe, note: noteOf, state: () => states[options.mine],
      leaving: () => waiting.concat(completions).some((each) => !stopped.has(each.assignment)),
      unsent: () => waiting.length + completions.length + others,
      isRefused: () => stopped.size > 0,
      waitingFor: (assignment) => waiting.filter((each) => each.assignment === assignment).length
    };
  };

  // As much of what was seen as the server takes: an old phone may have loaded its page anew at every question.
  function newestOf({ upto, devices }) {
    const newest = {};
    Object.keys(devices).slice(-MOST_DEVICES).forEach((name) => { newest[name] = devices[name]; });
    return { upto, devices: newest };
  }

  function patiently(address, request) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), PATIENCE);
    return fetch(address, Object.assign(request, { signal: controller.signal }));
  }

  function randomName() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => (256 + byte).toString(16).slice(1)).join("");
  }
})();
