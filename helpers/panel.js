// ipywidgets names neither the handle of a slider nor an image; a screen reader needs both names.
// JupyterLab takes the arrow keys from a list of choices for itself.
(() => {
  if (window.residualPanelNames) return;
  const name = () => {
    for (const panel of document.querySelectorAll(".residual-panel")) {
      for (const slider of panel.querySelectorAll(".widget-slider")) {
        slider.querySelector("[role=slider]")?.setAttribute("aria-label", slider.querySelector("label").textContent);
      }
      for (const choices of panel.querySelectorAll("select")) choices.dataset.lmSuppressShortcuts = "true";
      const [image, text] = [panel.querySelector("img"), panel.querySelector(".residual-text")];
      text?.setAttribute("aria-live", "polite");
      if (image && text) image.alt = text.textContent.trim();
    }
  };
  window.residualPanelNames = new MutationObserver(name);
  window.residualPanelNames.observe(document.body, { childList: true, subtree: true });
  name();
})();
