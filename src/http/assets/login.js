const problem = document.getElementById('problem');
const text = {
  '?wrong': 'Wrong token.',
  '?throttled': 'Too many attempts. Wait a minute, then try again.',
}[location.search];
if (text) {
  problem.textContent = text;
  problem.hidden = false;
  document.getElementById('token').setAttribute('aria-invalid', 'true');
} else {
  // A SameSite=Strict cookie is not sent when a link on another site leads here, so a valid session may exist.
  const answer = await fetch('/status', { headers: { accept: 'application/json' } });
  if (answer.ok) location.replace('/');
}
