"use strict";
// Words: of documents, below what was chosen; of Markdown, as readers see it.
{
    const element = (name, text) => Object.assign(document.createElement(name), {textContent: text});

    const documentsOf = (field) => field.closest(".control")?.querySelector(".documents");

    const answered = async (url, options) => {
        const answer = await fetch(url, options);
        if (!answer.ok || answer.redirected) {
            throw new Error(`No answer from ${url}`);
        }
        return answer.text();
    };

    const addWords = ({target, detail: {id, text, excerpt, url}}) => {
        const documents = documentsOf(target);
        if (!url || !documents || documents.querySelector(`[data-slug="${CSS.escape(id)}"]`)) {
            return;
        }
        const details = element("details", "");
        const words = element("p", excerpt || "");
        const link = element("a", "Open in a new tab");
        link.href = url;
        link.target = "_blank";
        Object.assign(details.dataset, {slug: id, part: ""});
        details.append(element("summary", text), words, link);
        documents.append(details);
    };

    const showWhole = async (details) => {
        const {dataset} = details.closest(".documents");
        try {
            const words = await answered(dataset.url.replace("/-/", `/${details.dataset.slug}/`));
            details.querySelector("p").textContent = words;
            delete details.dataset.part;
        } catch {
            // What is shown stays: the beginning of the document, or nothing but the way to it.
        }
    };

    const removeWords = ({target, detail: {id}}) => {
        documentsOf(target)?.querySelector(`[data-slug="${CSS.escape(id)}"]`)?.remove();
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
        } else if (target.matches(".documents details[data-part][open]")) {
            showWhole(target);
        }
    };

    document.addEventListener("combobox:add", addWords);
    document.addEventListener("combobox:remove", removeWords);
    document.addEventListener("input", typed);
    document.addEventListener("toggle", opened, true);
}
