// Suggestions under the search field, as a combobox of the ARIA Authoring Practices with manual selection.
// Without this script the field is a plain one, and nothing is missing.
"use strict";
for (const field of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let active = -1, timer, request;

  list.id = `${field.id}-suggestions`;
  list.role = "listbox";
  list.ariaLabel = "Suggestions";
  list.className = "suggestions";
  list.hidden = true;
  status.role = "status";
  status.className = "visually-hidden";
  field.after(list, status);
  field.role = "combobox";
  field.ariaAutoComplete = "list";
  field.ariaExpanded = "false";
  field.setAttribute("aria-controls", list.id);

  const activate = (index) => {
    active = index;
    for (const [place, option] of [...list.children].entries()) option.ariaSelected = String(place === index);
    const option = list.children[index];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  const toggle = (shown) => {
    list.hidden = !shown;
    field.ariaExpanded = String(shown);
    activate(-1);
  };
  const show = (found) => {
    list.replaceChildren(...found.map(({ label, kind, url, urgent }, place) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${place}`;
      option.role = "option";
      option.textContent = label;
      if (kind) {
        const small = document.createElement("span");
        small.className = "small";
        small.textContent = kind;
        option.append("\u2003", small);
      }
      if (urgent) option.className = "urgent";
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => location.assign(url));
      return option;
    }));
    toggle(found.length > 0);
    const many = found.length === 1 ? "1 suggestion" : `${found.length} suggestions`;
    status.textContent = found.length ? `${many}. Use the up and down arrows.` : "No suggestions. Press Enter to search.";
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    request?.abort();
    const typed = field.value.trim();
    if (typed.length < 2) {
      toggle(false);
      status.textContent = "";
      return;
    }
    timer = setTimeout(async () => {
      request = new AbortController();
      try {
        const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: request.signal });
        if (answer.ok) show(await answer.json());
      } catch {
        if (!request.signal.aborted) toggle(false);
      }
    }, 150);
  });
  field.addEventListener("keydown", (event) => {
    const count = list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      event.preventDefault();
      if (list.hidden) toggle(true);
      activate(active < 0 && step < 0 ? count - 1 : (active + step + count) % count);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      list.children[active].click();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      toggle(false);
    }
  });
  field.addEventListener("blur", () => toggle(false));
}
