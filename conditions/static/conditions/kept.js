"use strict";
// What is typed on the form of an entry, or remarked on in a review, and not saved is kept in this browser, and offered
// when that page is opened again.
//     facehealth-typed/<user>/<kind>/<id or "new">/<id of the form> -> {at, base, entries}
// What the form would send is kept, and sent to the server again to be shown: that fills in everything, rows too. Each form
// has an id of its own, which it sends along and gets back if it is refused; the answer to a save says in a cookie whose
// words are saved. Logging out forgets all of it, and so does a page of another user: computers are shared.
{
    const PREFIX = "facehealth-typed/";
    const USER = "facehealth-user"; // who has logged in last, and not out
    const PAUSE = 5000;
    const MOST_AGE = 30 * 24 * 60 * 60 * 1000;
    const OF_PAGE = ["csrfmiddlewaretoken", "typed_by", "kept"];
    const MOST_WORDS = 200;
    const NOT_TYPED = /^(base_version|resolved_version)$|-open$/;
    const NOT_WORDS = /^(base_version|resolved_version|months)$|^place-|-open$/;
    const SAVED = /^saved-(\w+)=/;
    const {user, root, loggedOut} = document.currentScript.dataset;

    // A browser may forbid to keep anything, or have no room: then nothing is kept, and all else works.
    const attempt = (action) => {
        try {
            return action();
        } catch {
            return undefined;
        }
    };
    const keys = () => attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) ?? [];
    const read = (key) => attempt(() => JSON.parse(localStorage.getItem(key)));
    const forget = (key) => attempt(() => localStorage.removeItem(key));
    const idOf = (key) => key.split("/").pop();

    const saved = () => document.cookie.split("; ").map((one) => one.match(SAVED)?.[1]).filter(Boolean);

    // Forgets what is saved, old or of somebody else.
    const sweep = () => {
        const done = saved();
        for (const key of keys()) {
            const isFresh = Date.now() - read(key)?.at < MOST_AGE;
            if (loggedOut !== undefined || !isFresh || done.includes(idOf(key)) || (user && key.split("/")[1] !== user)) {
                forget(key);
            }
        }
        for (const id of done) {
            document.cookie = `saved-${id}=; path=${root}; max-age=0`;
        }
        if (loggedOut !== undefined) {
            forget(USER);
        } else if (user) {
            attempt(() => localStorage.setItem(USER, user));
        }
    };

    const sentBy = (form) => [...new FormData(form)].filter(([name]) => !OF_PAGE.includes(name));
    const versionOf = (form) => form.elements.base_version.defaultValue;
    const typedIn = (entries) => JSON.stringify(entries.filter(([name]) => !NOT_TYPED.test(name)));
    const newId = () => Date.now().toString(36) + Math.random().toString(36).slice(2);

    // While a form is open its words are not offered elsewhere.
    const hold = (key) => navigator.locks?.request(key, () => new Promise(() => {})).catch(() => {});
    const whenClosed = (key, then) => {
        if (navigator.locks) {
            // A page that is being left, as by a reload, closes in this time.
            navigator.locks.request(key, {signal: AbortSignal.timeout(2000)}, then).catch(() => {});
        } else {
            then();
        }
    };

    const keepWhile = (form, place, opened) => {
        const field = form.elements.kept;
        const key = () => place + field.value.split(" ")[0];
        const cameBack = form.querySelector(".errornote") !== null;
        let last = cameBack ? null : opened;
        let sent = null;

        const keep = () => {
            const entries = sentBy(form);
            const typed = typedIn(entries);
            if (typed === last || attempt(() => localStorage.getItem(USER)) !== user) {
                return;
            }
            if (sent !== null && typed !== sent) {
                // Typed while the form was being sent: saving that does not save this.
                field.value = [newId(), ...field.value.split(" ")].slice(0, 5).join(" ");
                hold(key());
                sent = null;
            }
            last = typed;
            if (typed === opened && !cameBack) {
                forget(key());
            } else {
                const kept = {at: Date.now(), base: versionOf(form), entries};
                attempt(() => localStorage.setItem(key(), JSON.stringify(kept)));
            }
        };

        hold(key());
        keep();
        setInterval(keep, PAUSE);
        addEventListener("pagehide", keep);
        document.addEventListener("visibilitychange", keep);
        addEventListener("submit", (event) => {
            if (event.target === form && !event.defaultPrevented && event.submitter?.formTarget !== "_blank") {
                keep();
                sent = typedIn(sentBy(form));
            }
        });
    };

    // Sends what is kept to be shown again; nothing is saved by that.
    const bringBack = (form, key, {entries}) => {
        const again = document.createElement("form");
        Object.assign(again, {method: "post", action: form.getAttribute("action"), hidden: true});
        const ofPage = OF_PAGE.map((name) => [name, form.elements[name].value]);
        const all = [...entries, ...ofPage.slice(0, -1), ["kept", idOf(key)], ["_bring_back", "1"]];
        for (const [name, value] of all) {
            again.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
        }
        document.body.append(again);
        again.submit();
    };

    // What was typed into fields, so that several offers can be told apart.
    const differing = (entries, opened) => {
        const before = new Set(opened.map(String));
        const isNew = ([name, said]) => !NOT_WORDS.test(name) && said.trim() && !before.has(String([name, said]));
        return entries.filter(isNew).map(([, said]) => said);
    };

    const offer = (form, key, opened) => {
        const kept = read(key);
        if (!kept || saved().includes(idOf(key))) {
            return;
        }
        if (typedIn(kept.entries) === opened) {
            forget(key);
            return;
        }
        const notes = document.querySelector("#kept");
        const note = notes.querySelector("template").content.firstElementChild.cloneNode(true);
        const format = {day: "numeric", month: "short", hour: "2-digit", minute: "2-digit"};
        const time = note.querySelector("time");
        time.dateTime = new Date(kept.at).toISOString();
        time.textContent = new Date(kept.at).toLocaleString("en-GB", format);
        const newest = versionOf(form);
        const newer = note.querySelector("[data-newer]");
        newer.hidden = Number(kept.base) >= Number(newest);
        newer.querySelector("b").textContent = newest;
        const name = form.dataset.kept.endsWith("/new") && kept.entries.find(([one]) => one === "name")?.[1];
        note.querySelector("[data-called]").textContent = name ? `“${name}” ` : "";
        const words = differing(kept.entries, JSON.parse(opened)).join(" … ");
        const shown = words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS)}…` : words;
        note.querySelector("[data-words]").textContent = shown;
        note.addEventListener("click", ({target}) => {
            if (target.matches("[data-bring-back]")) {
                bringBack(form, key, kept);
            } else if (target.matches("[data-throw-away]")) {
                forget(key);
                note.replaceChildren("It is thrown away.");
                notes.focus();
            }
        });
        notes.append(note);
    };

    sweep();
    document.addEventListener("DOMContentLoaded", () => {
        const form = document.querySelector("form[data-kept]");
        if (!form || !user) {
            return;
        }
        form.elements.kept.value ||= newId();
        const place = `${PREFIX}${user}/${form.dataset.kept}/`;
        const own = form.elements.kept.value.split(" ");
        const opened = typedIn(sentBy(form));
        for (const key of keys()) {
            if (key.startsWith(place) && !own.includes(idOf(key))) {
                whenClosed(key, () => offer(form, key, opened));
            }
        }
        keepWhile(form, place, opened);
    });
}
