// What this device has marked and not yet sent, and the register as it last was, kept through reloads and restarts.
const NAME = "rft-register";

function ended(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("marks", { keyPath: "mark.id" });
    request.result.createObjectStore("states", { keyPath: "place" });
  };
  return ended(request);
}

// `place` is one person's register of one day: two people who share a phone do not send each other's marks.
export async function openQueue(place) {
  const database = await open();
  const store = (name, mode) => database.transaction(name, mode).objectStore(name);
  return {
    async list() {
      const kept = await ended(store("marks", "readonly").getAll());
      return kept.filter((one) => one.place === place).sort((a, b) => a.order - b.order).map((one) => one.mark);
    },
    async add(mark) {
      await ended(store("marks", "readwrite").add({ mark, place, order: Date.now() + performance.now() / 1e6 }));
    },
    async remove(ids) {
      const marks = store("marks", "readwrite");
      await Promise.all(ids.map((id) => ended(marks.delete(id))));
    },
    async keepState(state) {
      await ended(store("states", "readwrite").put({ place, state, at: new Date().toISOString() }));
    },
    async findState() {
      return ended(store("states", "readonly").get(place));
    },
  };
}
