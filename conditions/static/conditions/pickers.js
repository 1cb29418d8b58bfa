"use strict";
// Pickers lose nothing that is typed into them, and choose nothing that nobody chose.
// They are select2's boxes over a select: what stands in the box when it is left is looked up by name or address.
{
    const $ = django.jQuery;
    const part = (name) => $.fn.select2.amd.require(`select2/${name}`).prototype;

    const instanceOf = (select) => $(select).data("select2");
    const all = (root) => [...root.querySelectorAll("select.select2-hidden-accessible")].filter(instanceOf);
    const isTags = (select) => select.dataset.tags === "true";

    // What was typed and is neither chosen nor cleared. A picker of one has its box in the list, which closes.
    const leftOfOne = new WeakMap();

    const boxOf = (select) => {
        const {dropdown, selection} = instanceOf(select);
        return (dropdown.$search || selection.$search)[0];
    };

    const leftIn = (select) => (select.multiple ? boxOf(select).value : leftOfOne.get(select) || "").trim();

    const leave = (select, words) => {
        if (select.multiple) {
            boxOf(select).value = words;
            instanceOf(select).selection.resizeSearch();
        } else {
            leftOfOne.set(select, words);
        }
    };

    // Saying what is wrong

    const say = (select, words) => {
        const id = `${select.id}_left`;
        const around = instanceOf(select).$container[0].querySelectorAll("[role=searchbox], .select2-selection--single");
        document.getElementById(id)?.remove();
        for (const box of around) {
            box.setAttribute("aria-invalid", Boolean(words));
            words ? box.setAttribute("aria-describedby", id) : box.removeAttribute("aria-describedby");
        }
        if (words) {
            const said = document.createElement("p");
            Object.assign(said, {id, className: "picker-left", role: "alert", textContent: words});
            instanceOf(select).$container.after(said);
        }
    };

    const NOTHING = (words) => `Nothing is called “${words}”. Pick one from the list or clear the box.`;
    const SEVERAL = (words) => `More than one is called “${words}”. Pick one from the list or clear the box.`;
    const UNKNOWN = (words) => `“${words}” cannot be looked up just now. It will be when you save.`;

    // Choosing what was typed

    const choose = (select, item) => {
        let option = [...select.options].find((one) => one.value === item.id);
        if (!option) {
            option = new Option(item.text, item.id);
            select.append(option);
        }
        option.removeAttribute("data-select2-tag");
        option.selected = true;
        $(select).trigger("change").trigger({type: "select2:select", params: {data: item}});
    };

    const called = async (select, words) => {
        const answer = await fetch(`${select.getAttribute("data-ajax--url")}?${new URLSearchParams({called: words})}`);
        if (!answer.ok || answer.redirected) {
            throw new Error("No answer");
        }
        return (await answer.json()).results;
    };

    // A tag that was typed and is there already is shown as that. Saving would find it too.
    const recognise = async (select, words) => {
        const found = await called(select, words).catch(() => []);
        const typed = [...select.options].find((one) => one.value === words && one.selected);
        if (found.length === 1 && typed && found[0].id !== words) {
            typed.remove();
            choose(select, found[0]);
        }
    };

    const chooseTags = (select) => {
        const names = leftIn(select).split(",").map((name) => name.trim()).filter(Boolean);
        leave(select, "");
        for (const name of names) {
            choose(select, {id: name, text: name});
        }
    };

    const unanswered = new WeakSet();

    const chooseNamed = async (select) => {
        const words = leftIn(select);
        let found;
        try {
            found = await called(select, words);
        } catch {
            unanswered.add(select);
            say(select, UNKNOWN(words));
            return;
        }
        if (leftIn(select) !== words) {
            return;
        }
        if (found.length === 1) {
            leave(select, "");
            choose(select, found[0]);
        }
        say(select, found.length === 1 ? "" : (found.length ? SEVERAL : NOTHING)(words));
    };

    const settle = (select) => {
        unanswered.delete(select);
        if (!leftIn(select)) {
            leave(select, "");
            return say(select, "");
        }
        return isTags(select) ? chooseTags(select) : chooseNamed(select);
    };

    // When: the list closes, the box is left, Enter is pressed, the form is sent

    const ESCAPE = "Escape";
    const closing = new WeakMap();
    const removing = new WeakSet();

    // With its ×, and not in the list, for which something was typed.
    const removes = ({target, params}) => {
        if (params.args.originalEvent?.type === "click") {
            removing.add(target);
        }
    };

    const beforeClosing = ({target, params}) => {
        const {originalEvent, originalSelect2Event} = params.args || {};
        const isDone = originalSelect2Event && !removing.has(target);
        closing.set(target, {words: isDone ? "" : boxOf(target).value, key: originalEvent?.key});
    };

    const closed = ({target}) => {
        const {words, key} = closing.get(target);
        removing.delete(target);
        if (target.multiple) {
            leave(target, words);
        } else {
            leave(target, key === ESCAPE ? "" : words);
            settle(target);
        }
    };

    const opened = ({target}) => {
        if (target.multiple) {
            return;
        }
        const box = boxOf(target);
        box.focus(); // select2 does it a moment later, and the first letters would be lost
        if (leftIn(target)) {
            box.value = leftIn(target);
            $(box).trigger("input");
        }
    };

    const manyAround = (element) => {
        const select = element.closest?.(".select2-container")?.previousElementSibling;
        return select?.multiple ? select : null;
    };

    const left = ({target}) => {
        const select = manyAround(target);
        const hasFocus = () => instanceOf(select).$container[0].contains(document.activeElement);
        // Later, for the box is taken out and put back while what is chosen is drawn anew.
        setTimeout(() => select && !hasFocus() && settle(select));
    };

    const pressed = (event) => {
        const select = event.target.matches?.("input") && manyAround(event.target);
        if (!select || event.isComposing) {
            return;
        }
        const instance = instanceOf(select);
        if (event.key === ESCAPE && !instance.isOpen()) {
            event.preventDefault(); // browsers would empty the box
        } else if (event.key === "Tab") {
            instance.close(event);
        } else if (event.key === "Enter" && leftIn(select) && !instance.results.getHighlightedResults().length) {
            event.preventDefault();
            event.stopPropagation();
            settle(select);
            instance.close(event);
        }
    };

    // What was said was about other words.
    const typedAnew = ({target}) => {
        const select = target.matches(".select2-search__field") && manyAround(target);
        if (select) {
            say(select, "");
        }
    };

    const show = (select) => {
        select.closest("details")?.setAttribute("open", "");
        (select.multiple ? boxOf(select) : instanceOf(select).$selection[0]).focus();
    };

    const isWaiting = (select) => leftIn(select) && !unanswered.has(select);

    const sent = async (event) => {
        const pickers = all(event.target).filter(isWaiting);
        const asked = Promise.all(pickers.map(settle));
        const waiting = pickers.filter(isWaiting);
        if (!waiting.length) {
            return;
        }
        event.preventDefault();
        event.stopImmediatePropagation();
        await asked;
        const wrong = waiting.find(isWaiting);
        wrong ? show(wrong) : event.target.requestSubmit(event.submitter);
    };

    // What nobody could answer goes along, and is looked up on the way.
    const gathered = ({target, formData}) => {
        for (const select of all(target).filter(leftIn)) {
            formData.append(`${select.name}-more`, leftIn(select));
        }
    };

    // What came back from there stands in its box again.
    const takeBack = (root) => {
        for (const select of all(root)) {
            if (select.dataset.left) {
                leave(select, select.dataset.left);
            }
        }
    };

    // Select2's own ways, mended

    const results = part("results");
    results.highlightFirstItem = function () {
        if (boxOf(this.$element[0]).value.trim()) {
            this.$results.find("[aria-selected]").first().trigger("mouseenter");
            this.ensureHighlightVisible();
        }
    };
    // While it looks for other words, Enter must not take what stood first before.
    const {showLoading} = results;
    results.showLoading = function (...given) {
        this.getHighlightedResults().removeClass("select2-results__option--highlighted");
        return showLoading.apply(this, given);
    };

    const REMOVE = "select2-selection__choice__remove";
    const chosen = part("selection/multiple");
    chosen.selectionContainer = () =>
        $(`<li class="select2-selection__choice"><button type="button" class="${REMOVE}">×</button></li>`);
    const {display} = chosen;
    chosen.display = function (data, item) {
        item?.find("button").attr("aria-label", `Remove ${data.text}`).prop("disabled", this.options.get("disabled"));
        return display.call(this, data, item);
    };

    const search = part("selection/search");
    search.searchRemoveChoice = function (_, data) {
        this.trigger("unselect", {data});
    };
    const {bind} = search;
    search.bind = function (...given) {
        bind.apply(this, given);
        this.$selection.off("keyup.search");
        this.$selection.on("click keydown", `.${REMOVE}`, (event) => event.stopPropagation());
    };

    // What exists comes first, so that half a word and Enter make no new tag; but not what only says the word.
    const addNew = (found, tag) => {
        const names = found.findIndex((item) => item.excerpt);
        found.splice(names < 0 ? found.length : names, 0, Object.assign(tag, {isNew: true}));
    };

    const picked = ({target, params}) => {
        say(target, "");
        if (!target.multiple) {
            leave(target, "");
        }
        if (isTags(target) && params.data.id === params.data.text) {
            recognise(target, params.data.id);
        }
    };

    $.fn.select2.defaults.set("insertTag", addNew);
    $(document).on("select2:unselecting", removes);
    $(document).on("select2:closing", beforeClosing);
    $(document).on("select2:close", closed);
    $(document).on("select2:open", opened);
    $(document).on("select2:select", picked);
    $(() => takeBack(document));
    document.addEventListener("focusout", left);
    document.addEventListener("input", typedAnew);
    document.addEventListener("keydown", pressed, true);
    document.addEventListener("submit", sent, true);
    document.addEventListener("formdata", gathered);
}
