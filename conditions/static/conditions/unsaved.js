"use strict";
// Who leaves a form with something on it that is not saved is asked first.
{
    const nameOf = ({name, type, value}) => (type === "checkbox" ? `${name}=${value}` : name);
    const namesOf = (form) => [...form.elements].map(nameOf).filter(Boolean).join();

    const isChanged = ({options}) => {
        const was = [...options].find((option) => option.defaultSelected) ?? options[0];
        return Boolean(was) && !was.selected;
    };

    const isEdited = (control) => {
        if (control.matches("button, fieldset, [type=hidden]")) {
            return false;
        }
        if (control.matches("select")) {
            return isChanged(control);
        }
        return control.type === "checkbox"
            ? control.checked !== control.defaultChecked
            : control.value !== control.defaultValue;
    };

    const guard = (form) => {
        const names = namesOf(form);
        const cameBack = form.querySelector(".errornote") !== null;
        let isSent = false;

        const isUnsaved = () =>
            cameBack || namesOf(form) !== names || [...form.elements].some(isEdited);

        addEventListener("beforeunload", (event) => {
            if (!isSent && isUnsaved()) {
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

    document.addEventListener("DOMContentLoaded", () => {
        const form = document.querySelector("form.entry, form.guarded");
        if (form) {
            guard(form);
        }
    });
}
