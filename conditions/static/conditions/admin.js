"use strict";
// Names for what screen readers read out: select2's boxes, and the controls of rows added later.
// The admin's own scripts, which run first, renumber ids and names only.
// And the words of documents: in the list of what can be picked, and below what was picked.
{
    const NEW = /__prefix__/g;

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

    const nameRow = (row) => {
        const place = Number(row.id.split("-").pop());
        for (const control of row.querySelectorAll("[aria-label], [aria-describedby]")) {
            for (const [attribute, number] of [["aria-label", place + 1], ["aria-describedby", place]]) {
                const value = control.getAttribute(attribute);
                if (value) {
                    control.setAttribute(attribute, value.replace(NEW, number));
                }
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

    const addWords = ({target, params}) => {
        const {id, text, excerpt} = params.data;
        if (excerpt) {
            const details = element("details", "");
            details.dataset.slug = id;
            details.append(element("summary", text), element("p", excerpt));
            documentsOf(target)?.append(details);
        }
    };

    const removeWords = ({target, params}) => {
        documentsOf(target)?.querySelector(`[data-slug="${CSS.escape(params.data.id)}"]`)?.remove();
    };

    // What exists comes first, so that half a word and Enter make no new tag.
    const addNewLast = (found, tag) => {
        tag.isNew = true;
        found.push(tag);
    };

    django.jQuery.fn.select2.defaults.set("templateResult", withWords);
    django.jQuery.fn.select2.defaults.set("insertTag", addNewLast);
    django.jQuery(() => nameBoxes(document));
    django.jQuery(document).on("select2:select", addWords);
    django.jQuery(document).on("select2:unselect", removeWords);
    django.jQuery(document).on("select2:open", nameSearch);
    document.addEventListener("formset:added", (event) => {
        nameRow(event.target);
        nameBoxes(event.target);
    });
}
