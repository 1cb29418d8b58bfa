"use strict";
// Who has saved an entry since its form was opened: asked once a minute after something was typed, and where a button that
// saves is about to be pressed. data-newest: the address that knows. data-number: the newest version that the page knows.
{
    const MINUTE = 60_000;
    const AGAIN = 5_000; // milliseconds for which an answer is new enough to save

    const watch = (form) => {
        const note = form.querySelector(".newest");
        let known = Number(form.dataset.number);
        let asked = Date.now();
        let isTyped = false;

        const ask = async (pause) => {
            if (!isTyped || document.hidden || Date.now() - asked < pause) {
                return;
            }
            asked = Date.now();
            const answer = await fetch(form.dataset.newest).catch(() => null);
            const {number, author, mine} = answer?.ok && !answer.redirected ? await answer.json() : {};
            if (number > known) {
                known = number;
                const who = mine ? "You have" : `${author} has`;
                const where = mine ? " in another window" : "";
                note.textContent = `${who} just saved version ${number}${where}. It will be merged with yours when you save.`;
            }
        };

        form.addEventListener("input", () => { isTyped = true; });
        setInterval(ask, MINUTE, 0);
        for (const button of form.querySelectorAll(".save button")) {
            button.addEventListener("pointerenter", () => ask(AGAIN));
            button.addEventListener("focus", () => ask(AGAIN));
        }
    };

    const form = document.querySelector("form[data-newest]");
    if (form?.querySelector(".newest")) {
        watch(form);
    }
}
