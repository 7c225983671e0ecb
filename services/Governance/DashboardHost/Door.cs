using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.Dashboard.Hosting;
using Gateway.Governance.Access;
using Gateway.Governance.Access.Login;
using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.DashboardHost;

/// <summary>Sessions of the dashboard: the same as those of a login by OpenID Connect, also for who holds a key.</summary>
internal sealed class Door(SessionStore sessions, AdminCallers callers, OidcIssuer issuer, StoreGate gate, IAccessLog log) : IDashboardDoor
{
    private const int LongestKey = 4096;

    // The session is a secret of browser and gateway: what is derived from it only they can know.
    private static readonly byte[] FormPurpose = Encoding.ASCII.GetBytes("form of the dashboard");

    public bool HasOidc => issuer.Options is not null;

    public bool IsOpen => gate.IsOpen;

    public bool IsHttps => issuer.Browser.IsHttps;

    public async Task<DashboardUser?> FindAsync(HttpContext page)
    {
        if (page.Request.Cookies[SessionCookie.Name(issuer.Browser)] is not { } cookie || await sessions.FindAsync(cookie, page.RequestAborted).ConfigureAwait(false) is not { } actor)
        {
            return null;
        }

        page.Features.Set(new PageActor(actor, cookie));
        return User(actor);
    }

    public async Task<DashboardUser?> LogInAsync(HttpContext page, string key)
    {
        var call = $"{page.Request.Method} {page.Request.Path}";
        if (key.Length is 0 or > LongestKey || await callers.FindAsync(key, page.RequestAborted).ConfigureAwait(false) is not { } actor
            || await sessions.CreateOfKeyAsync(actor, key, page.RequestAborted).ConfigureAwait(false) is not { } cookie)
        {
            log.Note(new AccessEvent(Actor.Anonymous, "login", "session", "", call, Denied: true, "invalid_admin_key"));
            return null;
        }

        page.Response.Cookies.Append(SessionCookie.Name(issuer.Browser), cookie, SessionCookie.Options(issuer.Browser, issuer.Browser.SessionLife));
        log.Note(new AccessEvent(actor, "login", "session", "", call, Denied: false, "ok"));
        return User(actor);
    }

    public async Task<string?> LogOutAsync(HttpContext page)
    {
        if (await FindAsync(page).ConfigureAwait(false) is null || page.Features.Get<PageActor>() is not { Actor: { SessionId: { } id } actor })
        {
            return null;
        }

        await sessions.DeleteAsync(id, page.RequestAborted).ConfigureAwait(false);
        log.Note(new AccessEvent(actor, "logout", "session", id, $"{page.Request.Method} {page.Request.Path}", Denied: false, "ok"));
        page.Response.Cookies.Delete(SessionCookie.Name(issuer.Browser), SessionCookie.Options(issuer.Browser, TimeSpan.Zero));
        return actor.Id.StartsWith("oidc:", StringComparison.Ordinal) ? await issuer.EndSessionAsync(page.RequestAborted).ConfigureAwait(false) : null;
    }

    public string? FormToken(HttpContext page)
        => page.Request.Cookies[SessionCookie.Name(issuer.Browser)] is { Length: > 0 and <= 100 } cookie
            ? Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(cookie), FormPurpose)) : null;

    // Browsers name the origin with every form; a page that hides it ("null") is none of ours. The host is the one that the browser asked for.
    public bool IsOwnOrigin(HttpContext page)
    {
        var origin = page.Request.Headers.Origin.ToString();
        return origin.Length == 0
            ? page.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin"
            : Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && (string.Equals(from.Authority, page.Request.Host.Value, StringComparison.OrdinalIgnoreCase)
                    || string.Equals(origin, issuer.Browser.PublicUrl.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
    }

    private static DashboardUser User(Actor actor) => new(
        (kind, action) => Enum.TryParse<AccessAction>(action, ignoreCase: true, out var parsed) && PermissionTable.Find(kind, parsed) is { } row ? row.Of(actor.Role) != Reach.None : null)
    {
        Name = actor.Name,
        Role = actor.Role.Name(),
    };
}
