/** Light and dark by what the reader's system asks for. The eight hues keep their distance for colour-blind readers. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1d2433; --soft: #667085; --line: #e4e7ec; --paper: #ffffff;
  --c0: #5b21b6; --c1: #0072b2; --c2: #d55e00; --c3: #009e73; --c4: #b5179e; --c5: #8a6d00; --c6: #3a86c8;
  --c7: #c1121f; --c8: #475467; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #2b3242; --paper: #12161f;
  --c0: #b79cff; --c1: #56b4e9; --c2: #ff9c5a; --c3: #3ddc97; --c4: #ff8ae2; --c5: #e6c229; --c6: #9ecbff;
  --c7: #ff7b7b; --c8: #b0b8c6; } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 0; } p { margin: .25rem 0 .75rem; color: var(--soft); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
.wide { overflow-x: auto; } .uplot { margin-bottom: 1rem; color: var(--ink); font-family: inherit; }
.u-title { font-size: 1rem; font-weight: 600; text-align: left; padding-left: 3.5rem; } .u-legend { font-size: 13px; }
.u-legend .u-marker { border-radius: 50%; }
`;
