// Light, dark, or the system's choice. Loaded before the page is painted, so the wrong colours never flash.
(() => {
  const KEY = 'fantail-theme';
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const keep = (theme) => { try { localStorage.setItem(KEY, theme); } catch { /* this tab only, then */ } };

  const apply = (theme) => {
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const choice of document.querySelectorAll('input[name=theme]')) {
      choice.checked = choice.value === (theme ?? 'auto');
    }
  };

  apply(stored());
  document.addEventListener('DOMContentLoaded', () => {
    apply(stored());
    for (const choice of document.querySelectorAll('input[name=theme]')) {
      choice.addEventListener('change', () => { keep(choice.value); apply(choice.value); });
    }
  });
  window.addEventListener('storage', (event) => { if (event.key === KEY) apply(event.newValue); });
})();
