// Keeps this page, and the files it is made of, for when there is no signal; what is older than a few days goes.
const PAGES = "rft-register-pages";
const FILES = "rft-register-files";
const KEPT = 3 * 24 * 3600 * 1000;

async function forgetOld(pages) {
  for (const request of await pages.keys()) {
    const answer = await pages.match(request);
    if (Date.now() - Date.parse(answer.headers.get("date") || 0) > KEPT) {
      await pages.delete(request);
    }
  }
}

// Resolves to whether the page can be opened without a signal from now on.
export async function keepPage() {
  if (!("serviceWorker" in navigator) || !navigator.onLine) {
    return "serviceWorker" in navigator && navigator.serviceWorker.controller !== null;
  }
  await navigator.serviceWorker.register("/instructor/register/worker.js", { scope: "/instructor/register/" });
  await navigator.serviceWorker.ready;
  const [pages, files] = await Promise.all([caches.open(PAGES), caches.open(FILES)]);
  await forgetOld(pages);
  await pages.add(window.location.pathname);
  const used = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
  const own = new Set(used.filter((url) => url.origin === window.location.origin && url.pathname.startsWith("/static/")).map((url) => url.pathname));
  const known = new Set((await files.keys()).map((request) => new URL(request.url).pathname));
  await files.addAll([...own].filter((path) => !known.has(path)));
  return true;
}
