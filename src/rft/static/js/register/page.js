// The register on a phone: each touch is a mark that is kept here first, and goes when there is a signal.
import { differences } from "./differences.js";
import { fieldOf, said, show, showStanding } from "./fields.js";
import { keepPage } from "./keep.js";
import { openQueue } from "./queue.js";
import { letSign } from "./signature.js";
import { sendMarks } from "./sync.js";

const AGAIN = 20000;
const root = document.querySelector("[data-register]");
const status = root.querySelector("[data-status]");
const token = root.querySelector(':scope > input[name="csrf_token"]').value;
const forms = new Map([...root.querySelectorAll("[data-person]")].map((form) => [form.dataset.person, form]));
const queue = await openQueue(`${root.dataset.user}/${root.dataset.register}`);
// person and field → the marks that whoever touches it has in view
const heads = new Map();
let kept = false;
let sending = false;
let trouble = "";

function device() {
  const name = localStorage.getItem("rft-device") || `phone-${crypto.randomUUID().slice(0, 8)}`;
  localStorage.setItem("rft-device", name);
  return name;
}

async function tell() {
  const waiting = (await queue.list()).length;
  const marks = `${waiting} ${waiting === 1 ? "mark" : "marks"} kept on this phone`;
  const words = {
    "signed-out": `${marks}. Sign in again, and load this page, to send them.`,
    refused: `${marks}. They could not be sent; please load this page again.`,
  };
  status.dataset.status = waiting ? "waiting" : "saved";
  if (waiting) {
    const going = navigator.onLine && !trouble ? "; they are being sent." : "; they go when there is a signal.";
    status.textContent = words[trouble] || marks + going;
  } else {
    const ready = kept ? " This page works without a signal." : "";
    status.textContent = navigator.onLine ? `All is saved.${ready}` : `No signal. All is saved.${ready}`;
  }
  status.hidden = false;
}

function showPerson(person, pending) {
  const form = forms.get(person.booking);
  if (!form) {
    return;
  }
  for (const [name, field] of Object.entries(person.fields)) {
    const key = `${person.booking} ${name}`;
    if (!pending.has(key)) {
      heads.set(key, field.heads);
      show(form, field);
    }
  }
  differences(form, person.fields, (chosen) => mark(form, chosen.kind, chosen.value));
  showStanding(form);
}

async function showState(state) {
  const marks = await queue.list();
  const pending = new Set(marks.map((one) => `${one.booking} ${fieldOf(one.kind, one.value)}`));
  state.people.forEach((person) => showPerson(person, pending));
  for (const one of marks) {
    const form = forms.get(one.booking);
    if (form) {
      heads.set(`${one.booking} ${fieldOf(one.kind, one.value)}`, [one.id]);
      show(form, one);
      showStanding(form);
    }
  }
}

async function mark(form, kind, value) {
  const booking = form.dataset.person;
  const key = `${booking} ${fieldOf(kind, value)}`;
  const made = {
    id: crypto.randomUUID(), booking, kind, value, replaces: heads.get(key) || [], device: device(), made_at: new Date().toISOString(),
  };
  heads.set(key, [made.id]);
  await queue.add(made);
  show(form, made);
  showStanding(form);
  await tell();
  await send();
}

async function send() {
  if (sending) {
    return;
  }
  sending = true;
  try {
    let marks = await queue.list();
    do {
      const answer = await sendMarks(root.dataset.sync, token, marks);
      trouble = answer.why || "";
      if (trouble) {
        break;
      }
      await queue.remove(answer.sent);
      await queue.keepState(answer.state);
      await showState(answer.state);
      Object.values(answer.state.refused).forEach((sentence) => refuse(sentence));
      marks = await queue.list();
    } while (marks.length);
  } finally {
    sending = false;
    await tell();
  }
}

function refuse(sentence) {
  const said = document.createElement("p");
  said.className = "register-refused";
  said.setAttribute("role", "alert");
  said.textContent = `Not taken: ${sentence}`;
  status.after(said);
}

async function begin() {
  const drawn = JSON.parse(root.dataset.state);
  const last = await queue.findState();
  await showState(last && last.at > drawn.drawn_at ? last.state : drawn);
  for (const form of forms.values()) {
    form.querySelector("[data-save]").hidden = true;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      const says = said(form, event.target.name);
      if (says) {
        mark(form, says.kind, says.value);
      }
    });
    letSign(form.querySelector("[data-signature]"), (value) => mark(form, "signature", value));
    showStanding(form);
  }
  window.addEventListener("online", send);
  window.addEventListener("offline", tell);
  setInterval(async () => (await queue.list()).length && send(), AGAIN);
  await send();
  kept = await keepPage().catch(() => false);
  await tell();
}

await begin();
