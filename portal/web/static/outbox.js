// What she answered and the server does not hold yet: sent at once, again until acknowledged, each answer once.
(function () {
  "use strict";
  var FIRST_WAIT = 1000, LONGEST_WAIT = 30000, PATIENCE = 20000; // milliseconds

  // options: {assignment, csrf, save, complete (addresses), say(state, words)}
  window.Outbox = function (options) {
    var device = randomName(), seq = 0;
    var given = [], waiting = []; // every answer of this page, and those not acknowledged yet
    var running = null, stopped = false, wait = FIRST_WAIT, timer = 0, completion = null;

    function add(answer) {
      answer.seq = seq++;
      given.push(answer);
      waiting.push(answer);
      flush();
    }

    // Sends whatever waits; resolves to true once nothing waits any more.
    function flush() {
      clearTimeout(timer);
      if (running) return running; // it goes on by itself with what came in meanwhile
      if (stopped) return Promise.resolve(false);
      if (completion) return send(options.complete, given, completion);
      if (!waiting.length) return Promise.resolve(true);
      options.say("saving");
      return send(options.save, waiting.slice(), function (reply) {
        options.say(reply.set_apart.length ? "late" : "saved");
      });
    }

    function send(address, answers, done) {
      running = post(address, answers, true).then(function (reply) {
        running = null;
        wait = FIRST_WAIT;
        waiting = waiting.filter(function (each) { return reply.acknowledged.indexOf(each.seq) < 0; });
        if (done === completion) completion = null;
        done(reply);
        return flush();
      }, function (failure) {
        running = null;
        if (failure.final) {
          stopped = true;
          options.say("refused", failure.message);
          return false;
        }
        options.say(completion ? "unsent" : "unsaved");
        timer = setTimeout(flush, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
        return false;
      });
      return running;
    }

    function post(address, answers, mayRenew) {
      var body = JSON.stringify({ assignment: options.assignment, device: device, answers: answers });
      return patiently(address, {
        method: "POST", credentials: "same-origin", keepalive: body.length < 60000, body: body,
        headers: { "Content-Type": "application/json", "X-CSRFToken": options.csrf }
      }).then(function (response) {
        return response.json().catch(function () { return {}; }).then(function (reply) {
          if (response.ok) return reply;
          var stale = response.status === 401 || reply.error === "bad-request";
          if (stale && mayRenew) return renew().then(function () { return post(address, answers, false); });
          throw { final: !stale && response.status >= 400 && response.status < 500 && response.status !== 429, message: reply.message };
        });
      });
    }

    // The session was over: any page of hers begins a new one on a remembered phone.
    function renew() {
      return patiently(location.pathname, { credentials: "same-origin" })
        .then(function (response) { return response.text(); })
        .then(function (page) {
          var found = /name="csrf_token" value="([^"]+)"/.exec(page);
          if (found) options.csrf = found[1];
        });
    }

    function again() {
      wait = FIRST_WAIT;
      flush();
    }
    window.addEventListener("online", again);
    window.addEventListener("focus", again);
    document.addEventListener("visibilitychange", again);
    window.addEventListener("beforeunload", function (event) {
      if (waiting.length && !stopped) {
        event.preventDefault();
        event.returnValue = "";
      }
    });

    return {
      add: add,
      flush: flush,
      // Sends every answer of this page once more and locks the response; `done` gets the reply.
      complete: function (done) {
        completion = done;
        stopped = false;
        return flush();
      }
    };
  };

  function patiently(address, request) {
    if (window.AbortController) {
      var controller = new AbortController();
      request.signal = controller.signal;
      setTimeout(function () { controller.abort(); }, PATIENCE);
    }
    return fetch(address, request);
  }

  function randomName() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (byte) { return (256 + byte).toString(16).slice(1); }).join("");
  }
})();
