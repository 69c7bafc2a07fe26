// Answers for the register's pages, and for nothing else, when there is no signal: from what the page has put aside.
const PAGES = "rft-register-pages";
const FILES = "rft-register-files";
const PATIENCE = 8000;

async function page(request) {
  const kept = async () => (await caches.open(PAGES)).match(request, { ignoreSearch: true });
  if (!navigator.onLine) {
    const found = await kept();
    if (found) {
      return found;
    }
  }
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok && !answer.redirected) {
      await (await caches.open(PAGES)).put(request, answer.clone());
    }
    return answer;
  } catch (failure) {
    const found = await kept();
    if (found) {
      return found;
    }
    throw failure;
  }
}

async function file(request) {
  const files = await caches.open(FILES);
  const found = await files.match(request);
  return found || fetch(request);
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) {
    return;
  }
  if (request.mode === "navigate" && !url.pathname.endsWith(".js")) {
    event.respondWith(page(request));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});
