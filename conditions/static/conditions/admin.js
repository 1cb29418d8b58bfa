"use strict";
// Names for what screen readers read out: select2's boxes.
// And words: of documents, in the list of what can be picked and below what was picked; of Markdown, as readers see it.
{
    const nameOf = (select) => {
        const label = select.getAttribute("aria-label") || select.labels[0]?.textContent || "";
        return label.trim();
    };

    const nameBoxes = (root) => {
        for (const select of root.querySelectorAll("select.admin-autocomplete")) {
            const box = select.nextElementSibling;
            if (!box || !box.classList.contains("select2")) {
                continue;
            }
            for (const part of box.querySelectorAll("[role=combobox], [role=searchbox], [role=textbox]")) {
                part.removeAttribute("aria-labelledby");
                part.setAttribute("aria-label", nameOf(select));
            }
        }
    };

    const nameSearch = (event) => {
        const select = event.target;
        const search = document.querySelector(".select2-dropdown .select2-search__field");
        search?.setAttribute("aria-label", nameOf(select));
    };

    const element = (name, text, className = "") => {
        const made = document.createElement(name);
        made.textContent = text;
        made.className = className;
        return made;
    };

    const withWords = (item) => {
        if (!item.excerpt) {
            return item.isNew ? `New tag: ${item.text}` : item.text;
        }
        const both = element("span", "");
        both.append(element("span", item.text, "picked-name"), element("span", item.excerpt, "picked-words"));
        return both;
    };

    const documentsOf = (select) => select.closest(".control")?.querySelector(".documents");

    const answered = async (url, options) => {
        const answer = await fetch(url, options);
        if (!answer.ok || answer.redirected) {
            throw new Error(`No answer from ${url}`);
        }
        return answer.text();
    };

    const addWords = async ({target, params}) => {
        const {id, text, excerpt, url} = params.data;
        const documents = documentsOf(target);
        if (!url || !documents || documents.querySelector(`[data-slug="${CSS.escape(id)}"]`)) {
            return;
        }
        const details = element("details", "");
        const words = element("p", excerpt || "");
        const link = element("a", "Open in a new tab");
        link.href = url;
        link.target = "_blank";
        details.dataset.slug = id;
        details.append(element("summary", text), words, link);
        documents.append(details);
        try {
            words.textContent = await answered(documents.dataset.url.replace("/-/", `/${id}/`));
        } catch {
            // What is shown stays: the beginning of the document.
        }
    };

    const removeWords = ({target, params}) => {
        documentsOf(target)?.querySelector(`[data-slug="${CSS.escape(params.data.id)}"]`)?.remove();
    };

    const asked = new WeakMap();

    const showAsRead = async (details) => {
        const box = details.querySelector("div");
        const form = details.closest("form");
        const body = new FormData();
        body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        body.set("text", details.closest(".control").querySelector("textarea").value);
        asked.get(details)?.abort();
        const waiting = new AbortController();
        asked.set(details, waiting);
        try {
            const said = {method: "POST", body: new URLSearchParams(body), signal: waiting.signal};
            box.innerHTML = await answered(details.dataset.url, said);
        } catch (error) {
            if (error.name !== "AbortError") {
                box.textContent = "This cannot be shown now: you may have been logged out. What you typed is still here.";
            }
        }
    };

    const PAUSE = 400;
    const pauses = new WeakMap();

    const typed = ({target}) => {
        const details = target.closest?.(".control")?.querySelector("details.as-read[open]");
        if (details) {
            clearTimeout(pauses.get(details));
            pauses.set(details, setTimeout(showAsRead, PAUSE, details));
        }
    };

    const opened = ({target}) => {
        if (target.matches("details.as-read[open]")) {
            showAsRead(target);
        }
    };

    django.jQuery.fn.select2.defaults.set("templateResult", withWords);
    django.jQuery(() => nameBoxes(document));
    django.jQuery(document).on("select2:select", addWords);
    django.jQuery(document).on("select2:unselect", removeWords);
    django.jQuery(document).on("select2:open", nameSearch);
    document.addEventListener("input", typed);
    document.addEventListener("toggle", opened, true);
    document.addEventListener("formset:added", (event) => {
        nameBoxes(event.target);
    });
}
