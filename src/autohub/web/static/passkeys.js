// Forms that a passkey fills in: the browser is asked as the form's data-options say, and its answer is sent.
const known = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;
for (const hint of document.querySelectorAll("[data-no-passkeys]")) hint.hidden = known;
for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = !known;

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const field = form.elements.passkey ?? form.elements.proof_passkey;
    if (!form.matches("[data-passkey]") || field.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const options = JSON.parse(form.dataset.options);
    try {
      const answer = await (form.dataset.passkey === "create"
        ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));
      field.value = JSON.stringify(answer.toJSON());
      delete form.dataset.sent;
      form.requestSubmit();
    } catch (error) {
      if (error.name !== "NotAllowedError") throw error; // who sits there thought better of it
    }
  },
  true,
);
