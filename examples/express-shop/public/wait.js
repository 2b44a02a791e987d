// The order's page, until the order has come to an end: looks again every second and shows what is new.
const timer = setInterval(() => void look(), 1000);

async function look() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  for (const part of ["h1", "[role=status]"])
    document.querySelector(part).textContent = fresh.querySelector(part).textContent;
  if (!fresh.querySelector("script")) clearInterval(timer);
}
