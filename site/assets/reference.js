// Draws the reference into its place. Nothing is loaded from, or told to, anybody else.
const place = document.getElementById("reference");
globalThis.Scalar.createApiReference(place, {
  url: place.dataset.document,
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  theme: "none",
  // The colours follow the system, as everywhere else here.
  hideDarkModeToggle: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: "never",
});
