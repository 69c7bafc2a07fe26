// Between the form of a person and marks: what a touched control says, and how a mark is shown.
const ATTENDANCE = ["present", "late", "left_early", "absent"];

export function fieldOf(kind, value) {
  if (ATTENDANCE.includes(kind)) {
    return "attendance";
  }
  return kind === "assessment" ? `assessment:${value.outcome}` : kind;
}


// What the control that was touched says: a kind and a value, or null where it says nothing yet.
export function said(form, name) {
  if (name === "attendance" || name === "at") {
    const kind = form.elements.attendance.value;
    const at = form.elements.at.value;
    return kind ? { kind, value: at && (kind === "late" || kind === "left_early") ? { at } : {} } : null;
  }
  if (name === "identity") {
    return { kind: "identity", value: { type: form.elements.identity.value } };
  }
  if (name.startsWith("assessment-")) {
    return { kind: "assessment", value: { outcome: name.slice("assessment-".length), result: form.elements[name].value } };
  }
  if (name === "signature_name") {
    const text = form.elements.signature_name.value.trim();
    return text ? { kind: "signature", value: { name: text } } : null;
  }
  return name === "note" ? { kind: "note", value: { text: form.elements.note.value.trim() } } : null;
}

export function show(form, { kind, value }) {
  const { elements } = form;
  if (ATTENDANCE.includes(kind)) {
    elements.attendance.value = kind;
    elements.at.value = value.at || "";
  } else if (kind === "identity") {
    elements.identity.value = value.type;
  } else if (kind === "assessment" && elements[`assessment-${value.outcome}`]) {
    elements[`assessment-${value.outcome}`].value = value.result;
  } else if (kind === "signature") {
    elements.signature_name.value = value.name || "";
    form.querySelector("[data-pad] path").setAttribute("d", value.path || "");
  } else if (kind === "note") {
    elements.note.value = value.text;
  }
}

// The word beside the name, as the server would write it.
export function showStanding(form) {
  const badge = form.closest(".register-person").querySelector("[data-shown] .badge");
  const kind = form.elements.attendance.value;
  if (kind) {
    const chosen = form.querySelector(`input[name="attendance"][value="${kind}"]`);
    const at = kind === "late" || kind === "left_early" ? form.elements.at.value : "";
    badge.textContent = [chosen.closest("label").textContent.trim(), at].filter(Boolean).join(", ");
    badge.className = `badge badge--${kind === "present" || kind === "late" ? "good" : "danger"}`;
  }
  form.querySelector("[data-time]").hidden = kind !== "late" && kind !== "left_early";
}
