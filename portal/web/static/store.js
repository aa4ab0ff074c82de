// What this phone keeps until the server has it: encrypted with a key that the browser holds and never shows.
(function () {
  "use strict";
  const NAME = "previsit", MARK = "previsit-kept";

  // Opens the store, or throws where the phone cannot keep anything (private browsing, no room, no secure context).
  async function open() {
    const database = await opened();
    const key = await theKey(database);

    // Keeps a value under `name`, or under the next number when none is given; resolves to what it is kept under.
    async function put(value, name) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const plain = new TextEncoder().encode(JSON.stringify(value, (field, each) =>
        field === "kept" || field === "key" || field === "done" ? undefined : each));
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
      if (!name || name.endsWith("/complete")) mark();
      return ask(database, "kept", "readwrite", (kept) => kept.put({ iv, sealed }, ...(name ? [name] : [])));
    }

    async function list() {
      const [names, records] = await Promise.all([
        ask(database, "kept", "readonly", (kept) => kept.getAllKeys()), ask(database, "kept", "readonly", (kept) => kept.getAll())
      ]);
      const found = await Promise.all(records.map(async ({ iv, sealed }, at) => {
        try {
          const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed);
          return { key: names[at], value: JSON.parse(new TextDecoder().decode(plain)) };
        } catch (lost) { // its key is gone for good
          drop(names[at]);
          return null;
        }
      }));
      return found.filter(Boolean);
    }

    function drop(name) {
      return ask(database, "kept", "readwrite", (kept) => kept.delete(name)).catch(() => {});
    }

    // Calls `lost` when all of it is gone: another page has forgotten this phone, or the browser has cleared it.
    function onLost(lost) {
      database.onclose = lost;
      database.onversionchange = () => { database.close(); lost(); };
    }

    await ask(database, "kept", "readwrite", (kept) => kept.put({}, "/test")); // a full phone says so now, not later
    await drop("/test");
    return { put, list, drop, unmark, onLost, close: () => database.close() };
  }

  function opened() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("keys");
        request.result.createObjectStore("kept", { autoIncrement: true });
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close(); // another page drops it all
        resolve(request.result);
      };
      request.onerror = request.onblocked = () => reject(request.error);
    });
  }

  async function theKey(database) {
    const held = await ask(database, "keys", "readonly", (keys) => keys.get("key"));
    if (held) return held;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    try {
      await ask(database, "keys", "readwrite", (keys) => keys.add(made, "key"));
      return made;
    } catch (raced) { // another page was quicker, or the browser keeps no keys
      const theirs = await ask(database, "keys", "readonly", (keys) => keys.get("key"));
      if (!theirs) throw raced;
      return theirs;
    }
  }

  // One transaction with one request; resolves when it is done, not merely asked.
  function ask(database, name, mode, deed) {
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode), request = deed(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error || request.error);
    });
  }

  // A mark that something unsent may be kept, so that a page knows before it shows its first question.
  function mark() {
    try { localStorage.setItem(MARK, "1"); } catch (refused) { /* then the page looks a moment later */ }
  }
  function unmark() {
    try { localStorage.removeItem(MARK); } catch (refused) { /* nothing was marked */ }
  }

  // Drops the key and everything kept.
  function wipe() {
    unmark();
    return new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(NAME);
      request.onsuccess = request.onerror = request.onblocked = resolve;
    });
  }

  window.Store = { open, wipe };
})();
