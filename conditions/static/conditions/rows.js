"use strict";
// Relation rows: opens closed ones, moves them, adds rows and removes those that are not saved yet. New and opened rows
// are made of the relation's template.
{
    const REFERENCES = [
        "id", "name", "for", "data-name", "aria-controls", "aria-activedescendant", "aria-describedby", "aria-labelledby",
    ];

    // Gives a row, or its controls, its place: in ids, in names, and in what screen readers call its controls.
    const put = (row, group, place) => {
        const {rows, title} = group.dataset;
        const references = new RegExp(`${rows}-(\\d+|__prefix__)\\b`, "g");
        const label = new RegExp(`^${title} (\\d+|__prefix__): `);
        for (const one of [row, ...row.querySelectorAll("*")]) {
            for (const name of REFERENCES.filter((name) => one.hasAttribute(name))) {
                one.setAttribute(name, one.getAttribute(name).replace(references, `${rows}-${place}`));
            }
            if (one.ariaLabel) {
                one.ariaLabel = one.ariaLabel.replace(label, `${title} ${place + 1}: `);
            }
        }
    };

    const copyOf = (group, part) => group.querySelector("template").content.querySelector(part).cloneNode(true);
    const rowsOf = (group) => [...group.querySelectorAll(".relation-row")];
    const placeOf = (row) => Number(row.id.match(/\d+$/));
    const orderOf = (row) => row.querySelector("[name$=-order]");
    const totalOf = (group) => group.querySelector("[name$=-TOTAL_FORMS]");
    const nameOf = (row) => row.firstElementChild.firstChild.textContent.trim();

    const add = (group) => {
        const row = copyOf(group, ".relation-row");
        const total = totalOf(group);
        put(row, group, Number(total.value));
        total.value = Number(total.value) + 1;
        group.querySelector("template").before(row);
        row.querySelector(".row-fields input[type=text]").focus();
    };

    const remove = (row, group) => {
        row.remove();
        const rows = rowsOf(group).sort((one, other) => placeOf(one) - placeOf(other));
        rows.forEach((one, place) => put(one, group, place));
        totalOf(group).value = rows.length;
        group.querySelector("[data-add-row]").focus();
    };

    // Makes the controls of a closed row, which then send what its hidden fields would have sent.
    const open = (row) => {
        const group = row.closest("[data-rows]");
        const closed = row.querySelector(".row-closed");
        const controls = copyOf(group, ".row-fields");
        put(controls, group, placeOf(row));
        controls.querySelector("summary .visually-hidden").textContent = ` ${nameOf(row)}`;
        controls.querySelector("summary").append(`: ${closed.lastChild.textContent.trim()}`);
        const chosen = [];
        for (const {name, value, dataset} of closed.querySelectorAll("input")) {
            const box = controls.querySelector(`[data-name="${name}"]`);
            const control = controls.querySelector(`[name="${name}"]`);
            if (box && value) {
                const sent = Object.assign(document.createElement("input"), {type: "checkbox", name, value});
                sent.defaultChecked = true;
                const item = document.createElement("li");
                item.append(sent, dataset.text ?? value);
                box.previousElementSibling.append(item);
                chosen.push([box, {id: value, text: dataset.text, url: dataset.url}]);
            } else if (control?.matches("select")) {
                [...control.options].forEach((option) => { option.defaultSelected = option.value === value; });
            } else if (control?.type === "checkbox") {
                control.defaultChecked = true;
            } else if (control) {
                control.defaultValue = value;
            }
        }
        closed.replaceWith(controls);
        for (const [box, detail] of chosen) {
            box.dispatchEvent(new CustomEvent("combobox:add", {bubbles: true, detail}));
        }
        return controls;
    };

    // Moves a row to a place in the list, and gives each row the number of its place.
    const move = (row, group, place) => {
        const others = rowsOf(group).filter((one) => one !== row);
        const to = Math.max(0, Math.min(place, others.length));
        to === 0 ? others[0]?.before(row) : others[to - 1].after(row);
        rowsOf(group).forEach((one, at) => { orderOf(one).value = at + 1; });
        group.querySelector(":scope > fieldset > [role=status]").textContent =
            `${nameOf(row)} is now ${to + 1} of ${others.length + 1}.`;
    };

    document.addEventListener("click", (event) => {
        const {target} = event;
        const group = target.closest("[data-rows]");
        const row = target.closest(".relation-row");
        const button = target.closest("button");
        if (!group || !button) {
            return;
        }
        if (button.matches("[data-add-row]")) {
            add(group);
        } else if (button.matches("[data-remove-row]")) {
            remove(row, group);
        } else if (button.matches("[data-move]")) {
            move(row, group, rowsOf(group).indexOf(row) + Number(button.dataset.move));
            button.focus();
        } else if (button.matches("[name=_open]")) {
            event.preventDefault();
            open(row).querySelector("input[type=text]").focus();
        }
    });

    document.addEventListener("change", ({target}) => {
        const group = target.closest("[data-rows]");
        if (group && target.matches("[name$=-order]") && /^\d+$/.test(target.value)) {
            move(target.closest(".relation-row"), group, Number(target.value) - 1);
            target.focus();
        }
    });

    // An address that leads into a closed row opens it.
    const follow = () => {
        const place = location.hash.slice(1);
        const row = document.getElementById(place.replace(/^id_/, "").replace(/(-\d+)-\w+$/, "$1"));
        if (row?.querySelector(":scope > .row-closed")) {
            open(row);
            (document.getElementById(place) ?? row).scrollIntoView();
        }
    };
    follow();
    addEventListener("hashchange", follow);

    // Without scripts these buttons would do nothing.
    for (const button of document.querySelectorAll("[data-add-row], [data-remove-row], [data-move]")) {
        button.hidden = false;
    }
}
