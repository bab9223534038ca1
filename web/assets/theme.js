// The theme is set before anything is painted. Language and theme are no secrets
// and stay in this browser; the token does not.
{
  const theme = localStorage.getItem('weir.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}
