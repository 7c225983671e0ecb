using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Credentials;
using Gateway.Tokens;

namespace Gateway.Governance.Access.Login;

/// <summary>Login by OpenID Connect (authorization code with PKCE), and the sessions it makes.</summary>
internal static class LoginEndpoints
{
    private const string AttemptId = "login";
    private const int MostReturn = 500;

    private static readonly TimeSpan AttemptLife = TimeSpan.FromMinutes(10);

    public static void MapLogin(this RouteGroupBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Access");
        auth.MapGet("/login", BeginAsync).WithName("login").WithSummary("Sends the browser to the issuer to log in; `returnTo` is a path of this gateway to come back to.")
            .Produces(302).Refuses(404).OpenToAll();
        auth.MapGet("/callback", FinishAsync).WithName("finishLogin").WithSummary("Where the issuer sends the browser back to.").Produces(302).Refuses(400, 404).OpenToAll();
        auth.MapPost("/logout", LogoutAsync).WithName("logout").WithSummary("Ends the session of the cookie.").Produces<LoggedOut>().Refuses().NotAudited().Access("self", AccessAction.Delete);
        var sessions = api.MapGroup("/sessions").WithTags("Access");
        sessions.MapGet("/", async (HttpContext context, SessionStore store) =>
                Results.Json(new SessionList { Items = await store.ListAsync(context.RequestAborted).ConfigureAwait(false) }, LoginJson.Default.SessionList))
            .WithName("listSessions").WithSummary("Lists the sessions of browsers.").Produces<SessionList>().Refuses().Access("session", AccessAction.List);
        sessions.MapDelete("/{id}", async (HttpContext context, SessionStore store, string id) =>
                await store.DeleteAsync(id, context.RequestAborted).ConfigureAwait(false) ? Results.NoContent() : Problem.NotFound("session", id).ToResult())
            .WithName("deleteSession").WithSummary("Ends a session at once.").Produces(204).Refuses(404).Access("session", AccessAction.Delete);
    }

    private static async Task<IResult> BeginAsync(HttpContext context, OidcIssuer issuer, KeyRing ring, TimeProvider time, string? returnTo)
    {
        if (issuer.Options is not { } options)
        {
            return NoIssuer();
        }

        if (await issuer.MetadataAsync(context.RequestAborted).ConfigureAwait(false) is not { Authorization: { } authorization })
        {
            return Unreachable();
        }

        var attempt = new LoginAttempt(Random(), Random(), Random(), IsOwnPath(returnTo) ? returnTo! : "/", time.GetUtcNow().Add(AttemptLife).ToUnixTimeMilliseconds());
        var box = ring.Seal(AttemptId, AttemptId, JsonSerializer.Serialize(attempt, LoginJson.Default.LoginAttempt));
        context.Response.Cookies.Append(SessionCookie.AttemptName(issuer.Browser), $"{box.KeyId}.{box.Sealed}", SessionCookie.Options(issuer.Browser, AttemptLife));
        context.Response.Headers.CacheControl = "no-store";
        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = options.ClientId,
            ["redirect_uri"] = options.RedirectUri,
            ["scope"] = options.Scopes,
            ["state"] = attempt.State,
            ["nonce"] = attempt.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(attempt.Verifier))),
            ["code_challenge_method"] = "S256",
        };
        return Results.Redirect(authorization + (authorization.Query.Length > 0 ? "&" : "?") + QueryString.Create(query).Value![1..]);
    }

    private static async Task<IResult> FinishAsync(
        HttpContext context, OidcIssuer issuer, KeyRing ring, SessionStore sessions, IAccessLog log, TimeProvider time, string? code, string? state)
    {
        if (issuer.Options is not { } options)
        {
            return NoIssuer();
        }

        var attempt = Attempt(context.Request.Cookies[SessionCookie.AttemptName(issuer.Browser)], ring);
        context.Response.Cookies.Delete(SessionCookie.AttemptName(issuer.Browser), SessionCookie.Options(issuer.Browser, TimeSpan.Zero));
        if (attempt is null || time.GetUtcNow().ToUnixTimeMilliseconds() >= attempt.ExpiresAt || state is null
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(attempt.State)))
        {
            return Refused(context, log, Actor.Anonymous, "login_state", "The login was not begun in this browser, or too long ago. Begin again at /api/auth/login.");
        }

        if (string.IsNullOrEmpty(code))
        {
            return Refused(context, log, Actor.Anonymous, "login_refused", "The issuer did not let you in.");
        }

        if (await issuer.MetadataAsync(context.RequestAborted).ConfigureAwait(false) is not { Token: not null } metadata)
        {
            return Unreachable();
        }

        if (await issuer.RedeemAsync(metadata, code, attempt.Verifier, context.RequestAborted).ConfigureAwait(false) is not { } token)
        {
            return Refused(context, log, Actor.Anonymous, "login_code", "The issuer did not take the code, or gave no ID token for it. Begin again at /api/auth/login.");
        }

        var (jwt, problem) = await issuer.CheckAsync(token, options.ClientId, context.RequestAborted).ConfigureAwait(false);
        if (jwt is null)
        {
            return Refused(context, log, Actor.Anonymous, "login_token", problem.Say());
        }

        if (jwt.Text("nonce") is not { } nonce || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(attempt.Nonce))
            || (jwt.Texts("aud").Count > 1 && jwt.Text("azp") != options.ClientId))
        {
            return Refused(context, log, Actor.Anonymous, "login_token", "The token was made for another login.");
        }

        if (options.ActorOf(jwt) is not { } actor)
        {
            return Refused(context, log, Actor.Anonymous with { Name = jwt.Text("sub") ?? "" }, "no_role", "You are known, but no rule gives you a role here. Ask an owner which groups have one.", 403);
        }

        var value = await sessions.CreateAsync(actor, context.RequestAborted).ConfigureAwait(false);
        context.Response.Cookies.Append(SessionCookie.Name(issuer.Browser), value, SessionCookie.Options(issuer.Browser, options.SessionLife));
        context.Response.Headers.CacheControl = "no-store";
        log.Note(new AccessEvent(actor, "login", "session", "", "GET /api/auth/callback", Denied: false, "ok"));
        return Results.Redirect(attempt.ReturnTo);
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, OidcIssuer issuer, SessionStore sessions, ICurrentActor actors, IAccessLog log)
    {
        if (actors.Current.SessionId is not { } id)
        {
            return Results.Json(new LoggedOut(), LoginJson.Default.LoggedOut);
        }

        await sessions.DeleteAsync(id, context.RequestAborted).ConfigureAwait(false);
        log.Note(new AccessEvent(actors.Current, "logout", "session", id, "POST /api/auth/logout", Denied: false, "ok"));
        context.Response.Cookies.Delete(SessionCookie.Name(issuer.Browser), SessionCookie.Options(issuer.Browser, TimeSpan.Zero));
        return Results.Json(new LoggedOut { LogoutUrl = await issuer.EndSessionAsync(context.RequestAborted).ConfigureAwait(false) }, LoginJson.Default.LoggedOut);
    }

    private static LoginAttempt? Attempt(string? cookie, KeyRing ring)
    {
        if (cookie is not { Length: < 4000 } || cookie.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot))
        {
            return null;
        }

        var box = new StoredCredential { Id = AttemptId, ProviderId = AttemptId, KeyId = cookie[..dot], Sealed = cookie[(dot + 1)..] };
        return ring.Open(box) is { } text ? JsonSerializer.Deserialize(text, LoginJson.Default.LoginAttempt) : null;
    }

    // A path of this host and nothing that a browser takes for another host.
    private static bool IsOwnPath(string? path)
        => path is { Length: > 0 and <= MostReturn } && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal) && !path.Any(char.IsControl);

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static IResult Refused(HttpContext context, IAccessLog log, Actor actor, string code, string detail, int status = 400)
    {
        log.Note(new AccessEvent(actor, "login", "session", "", $"{context.Request.Method} {context.Request.Path}", Denied: true, code));
        return new Problem { Status = status, Title = "The login failed.", Code = code, Detail = detail }.ToResult();
    }

    private static IResult NoIssuer() => new Problem { Status = 404, Title = "There is no login here.", Code = "no_issuer", Detail = "No issuer is configured (Gateway:Oidc:Issuer). Use an admin key." }.ToResult();

    private static IResult Unreachable() => Problem.Unavailable("The issuer does not answer, or its discovery document is not valid. Try again, or use an admin key.").ToResult();
}
