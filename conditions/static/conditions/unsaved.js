"use strict";
// Who leaves a form with something on it that is not saved is asked first. Ctrl+S or ⌘S saves the draft of an entry.
{
    // What the form would send. Whether a row is open is nothing to be saved, nor which form this is.
    const sentBy = (form) => {
        const sent = [...new FormData(form)].filter(([name]) => name !== "kept" && !name.endsWith("-open"));
        return new URLSearchParams(sent).toString();
    };

    const guard = (form) => {
        const opened = sentBy(form);
        const cameBack = form.querySelector(".errornote") !== null;
        let isSent = false;

        addEventListener("beforeunload", (event) => {
            if (!isSent && (cameBack || sentBy(form) !== opened)) {
                event.preventDefault();
                event.returnValue = true; // for browsers of before 2023
            }
        });
        // The preview opens another tab, and saves nothing.
        addEventListener("submit", (event) => {
            if (event.target === form && !event.defaultPrevented) {
                isSent = event.submitter?.formTarget !== "_blank";
            }
        });
        for (const name of ["input", "pageshow"]) {
            addEventListener(name, () => { isSent = false; });
        }
    };

    const saveByKey = (form) => {
        const button = form.querySelector(".save [name=_savedraft]");
        if (!button) {
            return;
        }
        button.setAttribute("aria-keyshortcuts", "Control+S Meta+S");
        document.querySelector("#save-by-key").hidden = false;
        addEventListener("keydown", (event) => {
            const {key, ctrlKey, metaKey, altKey, shiftKey} = event;
            if (key.toLowerCase() === "s" && ctrlKey !== metaKey && !altKey && !shiftKey) {
                event.preventDefault();
                event.repeat || form.requestSubmit(button);
            }
        });
    };

    document.addEventListener("DOMContentLoaded", () => {
        const form = document.querySelector("form.entry, form.guarded");
        if (form) {
            guard(form);
            saveByKey(form);
        }
    });
}
