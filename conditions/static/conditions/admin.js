"use strict";
// Words: of documents, below what was chosen, to quote; of Markdown, as readers see it.
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

    // Where words that are quoted go: of a row, its list of quotes; else the text that was typed in last.
    const lastTyped = new WeakMap();

    const placeFor = (documents) => {
        const row = documents.closest(".relation-row");
        return row ? row.querySelector("[name$=-quotes]") : lastTyped.get(documents.closest("form"));
    };

    const quote = (button) => {
        const documents = button.closest(".documents");
        const {slug} = button.closest("details").dataset;
        const place = placeFor(documents);
        if (!place) {
            button.nextElementSibling.textContent = "Click in the text that these words are for, then mark them again.";
            return;
        }
        const citation = `[@${slug} "${button.dataset.words}"]`;
        if (place.name.endsWith("-quotes")) {
            place.value = [place.value.trimEnd(), citation].filter(Boolean).join("\n");
        } else {
            place.setRangeText(citation, place.selectionStart, place.selectionEnd, "end");
        }
        place.dispatchEvent(new Event("input", {bubbles: true}));
        button.nextElementSibling.textContent = `Quoted: “${button.dataset.words}”`;
        button.hidden = true;
    };

    // Offers to quote what is marked in a document's text.
    const marked = () => {
        const selection = document.getSelection();
        const text = selection.anchorNode?.parentElement?.closest(".documents p");
        const words = selection.toString().trim().replace(/\s+/g, " ");
        const button = text?.parentElement.querySelector("button");
        if (!words || !text?.contains(selection.focusNode)) {
            return;
        }
        const offer = button ?? element("button", "Quote the marked words");
        if (!button) {
            const said = element("span", "");
            said.setAttribute("role", "status");
            offer.type = "button";
            text.after(offer, said);
        }
        offer.hidden = false;
        offer.dataset.words = words;
    };

    document.addEventListener("selectionchange", marked);
    document.addEventListener("focusin", ({target}) => {
        if (target.matches("form textarea[data-cites]")) {
            lastTyped.set(target.form, target);
        }
    });
    document.addEventListener("click", ({target}) => {
        if (target.matches(".documents button")) {
            quote(target);
        }
    });

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
