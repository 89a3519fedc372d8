const problem = document.getElementById('problem');
const words = {
  '?wrong': 'That is not the token.',
  '?later': 'Too many attempts. Wait a minute, then try again.',
}[location.search];
if (words) {
  problem.textContent = words;
  problem.hidden = false;
  document.getElementById('token').setAttribute('aria-invalid', 'true');
} else {
  // Whoever comes by a link from elsewhere is signed in already: the browser kept the cookie back on that first request.
  const answer = await fetch('/status', { headers: { accept: 'application/json' } });
  if (answer.ok) location.replace('/');
}
