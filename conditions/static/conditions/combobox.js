"use strict";
// A combobox on a plain text field, by the ARIA 1.2 pattern: what is typed is looked up, what is found can be chosen.
//     <div class="combobox">
//       <ul class="chosen"><li><label><input type="checkbox" name="tags" value="a" checked> A</label></li></ul>
//       <input type="text" id="…" name="tags-more" data-url="/pick/tag/" data-name="tags" aria-describedby="note">
//     </div> <p class="note" id="note">What to do where no scripts run; with scripts, what is wrong.</p>
// data-url answers "?term=…" with {results: [{id, text, excerpt}, …], more: true}, "?called=…" with what is called so.
// data-name: what chosen ids are sent as. data-multiple: any number of them. data-new: new words too, and how the list
// names them. data-add: the address of the form that adds one, data-kind: what that is; a link to it is offered where
// nothing is found, and what is added there comes back chosen. Choices fire "combobox:add" and "combobox:remove". What is typed and left is looked up when the
// field is left and before the form is sent; where nobody answers, it is sent along.
{
    const PAUSE = 250; // milliseconds from the last key to the question
    const CALLED = (what, words) => `${what} is called “${words}”.`;
    const WRONG = "Pick one from the list or clear the field.";
    const KEPT = (name) => `“${name}” is still chosen.`;
    const UNKNOWN = (words) => `“${words}” cannot be looked up just now. It will be when you save.`;
    const FOUND = (count, more) => more ? `The first ${count} are shown. Type more to find others.` : `${count} found.`;
    const make = (name, attributes, ...content) => {
        const made = document.createElement(name);
        Object.entries(attributes).forEach(([attribute, value]) => made.setAttribute(attribute, value));
        made.append(...content);
        return made;
    };
    const idOf = (chip) => chip.querySelector("input").value;
    const nameOf = (chip) => chip.querySelector("span").textContent;

    class Combobox {
        items = []; // what the options of the list stand for
        active = -1; // the place of the option that Enter takes
        changes = 0; // of the list: an answer that comes after one is too late
        isUnanswered = false; // whether what is typed could not be looked up
        isKept = false; // whether what was typed over a choice was nothing, and the choice stayed

        constructor(input) {
            const {parentElement: box, dataset} = input;
            Object.assign(this, {input, box, isMany: "multiple" in dataset, newWord: dataset.new});
            this.chosen = box.firstElementChild;
            this.note = Object.assign(box.nextElementSibling, {role: "alert", textContent: ""});
            const label = input.ariaLabel || input.labels[0].textContent.trim();
            this.list = make("ul", {role: "listbox", id: `${input.id}_list`, "aria-label": label});
            this.status = make("p", {role: "status"});
            this.link = make("a", {target: "_blank", hidden: ""});
            this.popup = make("div", {class: "popup"}, this.list, this.status, this.link);
            input.after(this.popup);
            input.setAttribute("aria-controls", this.list.id);
            Object.assign(input, {role: "combobox", ariaAutoComplete: "list"});
            this.chips.forEach((one) => one.replaceWith(this.chip({id: idOf(one), text: one.textContent.trim()})));
            this.chosen.hidden = !this.isMany;
            input.defaultValue ||= this.name;
            this.close();
            input.addEventListener("input", () => this.typed());
            input.addEventListener("keydown", (event) => event.isComposing || this.pressed(event));
            box.addEventListener("click", ({target}) => this.clicked(target));
            box.addEventListener("mousedown", (event) => this.pressedOn(event));
            // Leaving the window leaves the focus in the field.
            box.addEventListener("focusout", ({relatedTarget}) => this.leftFor(relatedTarget ?? document.activeElement));
            this.link.addEventListener("click", () => { this.waits = true; });
            input.addEventListener("paste", (event) => this.newWord && this.pasted(event));
        }

        // What is chosen: checkboxes, shown as chips where there can be many, else by name in the field
        get chips() { return [...this.chosen.children]; }
        get name() { return this.isMany ? "" : this.chips.map(nameOf).join(); }
        chipOf(id) { return this.chips.find((chip) => idOf(chip) === id); }

        chip({id, text}) {
            const sent = {type: "checkbox", name: this.input.dataset.name, value: id, checked: "", hidden: ""};
            const remove = make("button", {type: "button", "aria-label": `Remove ${text}`}, "×");
            return make("li", {}, make("input", sent), make("span", {}, text), remove);
        }

        add(item) {
            if (!this.chipOf(item.id)) {
                this.isMany || this.chips.forEach((chip) => this.remove(chip));
                this.chosen.append(this.chip(item));
                this.tell("add", item, `${item.text} is chosen.`);
            }
        }

        remove(chip) {
            chip.remove();
            this.tell("remove", {id: idOf(chip)}, `${nameOf(chip)} is removed.`);
        }

        tell(event, detail, words) {
            this.status.textContent = words;
            this.input.dispatchEvent(new CustomEvent(`combobox:${event}`, {bubbles: true, detail}));
        }

        choose(item) {
            this.close();
            item.isNew ? item.id.split(",").forEach((word) => this.take(word.trim())) : this.add(item);
            this.input.value = this.name;
            this.say("");
        }

        // Chooses a new word, and shows one that exists as what it is.
        async take(word) {
            word && this.add({id: word, text: word});
            const [found, other] = (word && (await this.ask({called: word})))?.results ?? [];
            if (found && !other && found.id !== word && this.chipOf(word)) {
                this.remove(this.chipOf(word));
                this.add(found);
            }
        }

        // What is typed and left: not what is chosen
        get left() { return this.input.value.trim() === this.name ? "" : this.input.value.trim(); }

        // The answer to a question; null if there is none, as for those who have been logged out.
        async ask(query) {
            const answer = await fetch(`${this.input.dataset.url}?${new URLSearchParams(query)}`).catch(() => null);
            return answer?.ok && !answer.redirected ? answer.json() : null;
        }

        // Says what is wrong with what is typed, or "" for nothing. What came as wrong stays so till then.
        say(words, isUnanswered = false) {
            this.note.textContent === words || (this.input.ariaInvalid = Boolean(words));
            this.note.textContent = words;
            this.isUnanswered = isUnanswered;
        }

        // Makes a choice of what is typed, or says why it is none. What was chosen before then stays.
        async settle() {
            const words = this.left;
            this.close();
            this.isKept = false;
            if (!words || this.newWord) {
                this.isMany || this.input.value.trim() || this.chips.forEach((chip) => this.remove(chip));
                return this.choose({id: words, isNew: true});
            }
            const answer = await this.ask({called: words});
            const [found, other] = answer?.results ?? [];
            const said = CALLED(found ? "More than one" : "Nothing", words);
            if (this.left !== words) {
                return; // more was typed meanwhile
            }
            if (found && !other) {
                this.choose(found);
            } else if (answer && this.name) {
                this.isKept = true;
                this.input.value = this.name;
                this.say(`${said} ${KEPT(this.name)}`);
                this.input.ariaInvalid = false;
            } else {
                this.say(answer ? `${said} ${WRONG}` : UNKNOWN(words), !answer);
            }
        }

        // What may have been added in another tab
        lookAgain() {
            if (this.left && this.input === document.activeElement) {
                this.find();
            } else if (this.left && !this.newWord) {
                this.settle();
            }
        }

        // What was added on the form that was opened from here
        comeBack(item) {
            if (this.waits && this.input.dataset.add.endsWith(`/${item.kind}/add/`)) {
                this.waits = false;
                this.choose(item);
            }
        }

        // The list of what is found
        get isOpen() { return this.input.ariaExpanded === "true"; }
        close() { this.show([], false); }

        show(items, isOpen) {
            clearTimeout(this.pause);
            Object.assign(this, {items, changes: this.changes + 1});
            this.link.hidden = true;
            this.list.replaceChildren(...items.map((item, place) => this.option(item, place)));
            this.input.ariaExpanded = isOpen;
            this.activate(-1);
        }

        option({id, text, excerpt, isNew}, place) {
            const said = {id: `${this.list.id}_${place}`, role: "option", "aria-selected": Boolean(this.chipOf(id))};
            const name = make("b", {}, isNew ? `${this.newWord}: ${text}` : text);
            return make("li", said, name, ...(excerpt ? [make("span", {}, excerpt)] : []));
        }

        activate(place) {
            this.active = place;
            [...this.list.children].forEach((option, at) => option.classList.toggle("is-active", at === place));
            const option = this.list.children[place];
            option?.scrollIntoView({block: "nearest"});
            this.input.setAttribute("aria-activedescendant", option?.id ?? "");
        }

        // Lists what is found for what is typed. place: that of the option that Enter then takes.
        async find(place = this.left ? 0 : -1) {
            const [words, changes] = [this.left, this.changes];
            this.status.textContent = "Searching…";
            this.input.ariaExpanded = true;
            const answer = await this.ask({term: words});
            if (words === this.left && changes === this.changes) {
                const found = answer?.results ?? [];
                this.status.textContent = answer ? FOUND(found.length || "None", answer.more) : "No answer. Try again.";
                if (this.newWord && words && !found.some(({text}) => text.toUpperCase() === words.toUpperCase())) {
                    // After what is named so, or half a word and Enter would make a new one; before what only says it.
                    found.splice(found.filter((one) => !one.excerpt).length, 0, {id: words, text: words, isNew: true});
                }
                this.show(found, true);
                answer && !found.length && this.offer(words);
                this.popup.scrollIntoView({block: "nearest"});
                this.activate(Math.min(place, this.items.length - 1));
            }
        }

        // A way to add what is not found, where the user may.
        offer(words) {
            const {add, kind} = this.input.dataset;
            this.link.hidden = !add || !words;
            this.link.href = `${add}?${new URLSearchParams({name: words})}`;
            this.link.textContent = `Add “${words}” as a new ${kind} (in a new tab)`;
        }

        // What is done at the field
        leftFor(other) {
            if (this.popup.contains(other)) {
                return; // to the link, by Tab
            }
            // A button that sends the form has it settled before.
            this.box.contains(other) || other?.type === "submit" ? this.close() : this.settle();
        }

        // Each line is a word of its own, and so is what stands between commas or semicolons.
        pasted(event) {
            const words = event.clipboardData.getData("text").split(/[\r\n,;\t]+/).filter((word) => word.trim());
            if (words.length > 1) {
                event.preventDefault();
                this.choose({id: [this.left, ...words].join(), isNew: true});
            }
        }

        // A press beside the field leaves the focus in it; one on it selects the name that is chosen. Done here and not
        // when it is released, which would take the selection away again: what is typed next takes its place.
        pressedOn(event) {
            if (event.target !== this.input) {
                event.preventDefault();
            } else if (!this.isOpen && !this.left && event.button === 0) {
                event.preventDefault();
                this.input.focus();
                this.input.select();
            }
        }

        clicked(target) {
            const place = [...this.list.children].indexOf(target.closest("[role=option]"));
            place >= 0 && this.choose(this.items[place]);
            target.closest("button") && this.remove(target.closest("li"));
            this.input.focus();
            if (target === this.input && !this.isOpen) {
                this.find();
            }
        }

        typed() {
            const [, words, rest] = (this.newWord && this.input.value.match(/(.*),\s*(.*)/)) || [];
            this.activate(-1);
            this.say("");
            if (words !== undefined) {
                this.choose({id: words, isNew: true});
                this.input.value = rest;
            }
            clearTimeout(this.pause);
            this.pause = setTimeout(() => this.find(), PAUSE);
        }

        pressed(event) {
            const [{key}, count] = [event, this.items.length];
            const step = {ArrowDown: 1, ArrowUp: -1}[key];
            (step || key === "Enter") && event.preventDefault();
            if (step && count) {
                this.activate((Math.max(this.active, step > 0 ? -1 : 0) + step + count) % count);
            } else if (key === "Enter" && this.active >= 0) {
                this.choose(this.items[this.active]);
            } else if (key === "Enter" && this.left && (this.isOpen || this.newWord)) {
                this.settle();
            } else if (step || (key === "Enter" && !this.isOpen)) {
                this.find({ArrowDown: 0, ArrowUp: Infinity}[key]);
            } else if (key === "Escape") {
                this.input.value = this.name || this.input.value;
                this.close();
            } else if (key === "Backspace" && this.isMany && !this.input.value) {
                this.chips.slice(-1).forEach((chip) => this.remove(chip));
            } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(key)) {
                this.activate(-1);
            }
        }
    }

    const all = (root) => [...root.querySelectorAll("[data-name]")].map((one) => (one.combobox ??= new Combobox(one)));
    const isWaiting = (one) => one.left && !one.isUnanswered;

    all(document);
    new MutationObserver(() => all(document)).observe(document, {childList: true, subtree: true});

    document.addEventListener("submit", async (event) => {
        const asked = all(event.target).filter((one) => !one.isUnanswered).map((one) => one.settle());
        const waiting = all(event.target).filter(isWaiting);
        if (waiting.length) {
            event.preventDefault();
            event.stopImmediatePropagation();
            await Promise.all(asked);
            const wrong = waiting.find((one) => isWaiting(one) || one.isKept);
            wrong?.box.closest("details")?.setAttribute("open", "");
            wrong ? wrong.input.focus() : event.target.requestSubmit(event.submitter);
        }
    }, true);

    // A form that has just been added tells those who wait for it in other tabs.
    const added = new BroadcastChannel("facehealth-added");
    added.addEventListener("message", ({data}) => all(document).forEach((one) => one.comeBack(data)));
    const entry = document.referrer.includes("/add/") && document.querySelector("form.entry[data-number='1']");
    if (entry) {
        const [kind] = entry.dataset.kept.split("/");
        added.postMessage({kind, id: entry.elements.slug.value, text: entry.elements.name.value});
    }

    addEventListener("focus", () => all(document).forEach((one) => one.lookAgain()));

    // The name of what is chosen is not one more to look up.
    document.addEventListener("formdata", ({target, formData}) => {
        all(target).forEach((one) => one.left || formData.delete(one.input.name));
    });
}
