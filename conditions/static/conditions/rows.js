"use strict";
// Adds rows to a relation, each a copy of its template, and removes those that are not saved yet.
{
    const REFERENCES = [
        "id", "name", "for", "data-name", "aria-controls", "aria-activedescendant", "aria-describedby", "aria-labelledby",
    ];

    // Gives a row its place: in ids, in names, and in what screen readers call its controls.
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

    const totalOf = (group) => group.querySelector("[name$=-TOTAL_FORMS]");

    const add = (group) => {
        const template = group.querySelector("template");
        const row = template.content.firstElementChild.cloneNode(true);
        const total = totalOf(group);
        put(row, group, Number(total.value));
        total.value = Number(total.value) + 1;
        template.before(row);
        row.querySelector("input").focus();
    };

    const remove = (row, group) => {
        row.remove();
        const rows = [...group.querySelectorAll(".relation-row")];
        rows.forEach((one, place) => put(one, group, place));
        totalOf(group).value = rows.length;
        group.querySelector("[data-add-row]").focus();
    };

    document.addEventListener("click", ({target}) => {
        const group = target.closest("[data-rows]");
        if (target.closest("[data-add-row]")) {
            add(group);
        } else if (target.closest("[data-remove-row]")) {
            remove(target.closest(".relation-row"), group);
        }
    });

    // Without scripts these buttons would do nothing.
    for (const button of document.querySelectorAll("[data-add-row], [data-remove-row]")) {
        button.hidden = false;
    }
}
