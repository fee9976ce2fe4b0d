/** The form that asks for a token. `next` is the path to go to then. */
export function Login({ next, wrong }: { next: string; wrong?: boolean }) {
  return (
    <section class="login">
      <h1>Sign in</h1>
      <p>This Winnow asks for one of its tokens. Its operator has them.</p>
      <form method="post" action="/login">
        <input type="hidden" name="next" value={next} />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          required
          autocomplete="current-password"
          aria-invalid={wrong ? "true" : undefined}
          aria-describedby={wrong ? "wrong" : undefined}
        />
        {wrong && (
          <p id="wrong" role="alert" class="bad">
            This is none of this server's tokens.
          </p>
        )}
        <button type="submit" class="main">
          Sign in
        </button>
      </form>
      <p class="faint">The browser keeps a cookie for a week, not the token.</p>
    </section>
  );
}
