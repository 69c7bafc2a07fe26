// Sends marks in batches that a weak signal carries. Answers the register as it then is, or why nothing went.
const MOST_CHARACTERS = 100000;
const PATIENCE = 20000;

function batchOf(marks) {
  const batch = [];
  let length = 0;
  for (const mark of marks) {
    length += JSON.stringify(mark).length;
    if (batch.length && length > MOST_CHARACTERS) {
      break;
    }
    batch.push(mark);
  }
  return batch;
}

export async function sendMarks(address, token, marks) {
  if (!navigator.onLine) {
    return { why: "offline" };
  }
  const batch = batchOf(marks);
  const body = new URLSearchParams({ csrf_token: token, marks: JSON.stringify(batch) });
  try {
    const answer = await fetch(address, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) {
      return { sent: batch.map((mark) => mark.id), state: await answer.json() };
    }
    return { why: answer.status === 401 || answer.status === 403 || answer.status === 0 ? "signed-out" : "refused" };
  } catch {
    return { why: "offline" };
  }
}
