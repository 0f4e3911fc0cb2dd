(() => {
  "use strict";
  const about = JSON.parse(document.getElementById("review").textContent);
  const store = "agendum-" + about.review;
  const reviewer = document.getElementById("reviewer");
  const empty = () => ({ preference: null, hand_over: { first: null, second: null },
    scores: { first: {}, second: {} }, dangers: { first: [], second: [] }, comment: null });

  function answers() {
    const found = {};
    for (const id of about.pairs) found[id] = empty();
    for (const field of document.querySelectorAll("main [name]")) {
      const [id, what, side, criterion] = field.name.split(".");
      const own = found[id];
      if (field.type === "textarea") own.comment = field.value.trim() || null;
      else if (!field.checked) continue;
      else if (what === "preference") own.preference = field.value;
      else if (what === "hand_over") own.hand_over[side] = field.value;
      else if (what === "dangers") own.dangers[side].push(field.value);
      else if (what === "scores" && field.value) own.scores[side][criterion] = Number(field.value);
    }
    return { review: about.review, form: about.form, reviewer: reviewer.value.trim(), answers: found };
  }

  function fill(saved) {
    if (!saved || saved.review !== about.review) return false;
    reviewer.value = saved.reviewer || "";
    for (const field of document.querySelectorAll("main [name]")) {
      const [id, what, side, criterion] = field.name.split(".");
      const own = (saved.answers || {})[id] || empty();
      if (field.type === "textarea") field.value = own.comment || "";
      else if (what === "preference") field.checked = own.preference === field.value;
      else if (what === "hand_over") field.checked = own.hand_over[side] === field.value;
      else if (what === "dangers") field.checked = own.dangers[side].includes(field.value);
      else if (what === "scores") field.checked = String(own.scores[side][criterion] || "none") === field.value;
    }
    return true;
  }

  function say(text) { document.getElementById("progress").textContent = text; }

  function asked() {
    const found = {};
    for (const field of document.querySelectorAll("main .score [name]")) {
      const [id, what, side, criterion] = field.name.split(".");
      if (what === "scores") (found[id + "." + side] ||= new Set()).add(criterion);
    }
    return found;
  }

  function told() {
    const given = answers().answers;
    const done = Object.values(given).filter((one) => one.preference).length;
    let open = 0, all = 0;
    for (const [place, criteria] of Object.entries(asked())) {
      const [id, side] = place.split(".");
      const scored = Object.keys(given[id].scores[side]).length;
      open += criteria.size - scored;
      all += criteria.size;
      document.querySelector("[data-of='" + place + "']").textContent = ", " + scored + " of " + criteria.size;
    }
    const pairs = done + " of " + about.pairs.length + " pairs answered";
    return all ? pairs + ", " + open + " of " + all + " criteria unscored" : pairs;
  }

  function keep() {
    try { localStorage.setItem(store, JSON.stringify(answers())); } catch (error) { /* private window */ }
    say(told());
  }

  document.addEventListener("input", (event) => { if (event.target.id !== "earlier") keep(); });

  document.getElementById("earlier").addEventListener("change", async (event) => {
    const chosen = event.target.files[0];
    if (!chosen) return;
    try {
      const said = fill(JSON.parse(await chosen.text())) ? told() : "That file is of another review.";
      say(said);
    } catch (error) { say("That file holds no answers."); }
    event.target.value = "";
  });

  document.getElementById("save").addEventListener("click", () => {
    const said = answers();
    if (!said.reviewer) { say("First write your initials, at the top."); reviewer.focus(); return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(said, null, 1)], { type: "application/json" }));
    link.download = "review-" + about.review + "-" + (said.reviewer.replace(/[^A-Za-z0-9_-]+/g, "-") || "me") + ".json";
    link.click();
    URL.revokeObjectURL(link.href);
    say("Saved as " + link.download + "; mail that file back. " + told() + ".");
  });

  try { fill(JSON.parse(localStorage.getItem(store))); } catch (error) { /* private window */ }
  say(told());
})();
