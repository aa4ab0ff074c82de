// The service worker: shows kept pages when there is no network. It caches nothing itself and never touches a POST.
"use strict";
const CACHE = "previsit", PATIENCE = 8000; // milliseconds before a network that does not answer counts as none
const PATIENTS = /^\/($|o\/|visit$|door$|code$|answer\/[^/]+($|\/receipt$|\/late$|\/review$))/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const request = event.request, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/")) event.respondWith(part(request));
  else if (request.mode === "navigate" && PATIENTS.test(address.pathname)) event.respondWith(page(request, address.pathname));
});

// A style or script: its address changes with its content, so a kept one is the right one.
async function part(request) {
  return (await caches.match(request)) || fetch(request);
}

// A page: from the server while there is one, else what this phone keeps, without a single answer in it.
async function page(request, path) {
  try {
    const response = await patiently(request);
    if (response.status < 502 || response.status > 504) return response;
    return (await kept(path)) || response;
  } catch (unreachable) {
    const found = await kept(path);
    if (found) return found;
    throw unreachable;
  }
}

function patiently(request) {
  return Promise.race([fetch(request), new Promise((resolve, reject) => setTimeout(reject, PATIENCE, new Error("no answer")))]);
}

async function kept(path) {
  const cache = await caches.open(CACHE), named = await cache.match("/language");
  const language = named ? await named.text() : "fr";
  const shell = path.startsWith("/answer/") && path.split("/").slice(0, 3).concat("shell", language).join("/");
  const found = shell && await cache.match(shell, { ignoreSearch: true });
  return found || cache.match("/offline/" + language, { ignoreSearch: true });
}
