using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Dashboard.Hosting;

/// <summary>
/// The operations of the admin API, carried out in this process for who looks at a page: the same handlers, checks, permissions and audit as for a call that
/// comes over the wire, and so no second set of rules.
/// </summary>
public interface IAdminApi
{
    /// <summary>Carries out one operation as the user of the page.</summary>
    /// <param name="page">The request for the page.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Address below <c>/api</c> with its query, escaped.</param>
    /// <param name="body">Body, or null for none.</param>
    /// <param name="headers">Further headers, for example <c>If-Match</c>.</param>
    Task<ApiAnswer> SendAsync(HttpContext page, HttpMethod method, string path, JsonNode? body, IReadOnlyDictionary<string, string>? headers);

    /// <summary>Carries out an operation whose body is a file.</summary>
    /// <param name="page">The request for the page.</param>
    /// <param name="path">Address below <c>/api</c> with its query, escaped.</param>
    /// <param name="file">The file.</param>
    /// <param name="contentType">What it is.</param>
    Task<ApiAnswer> SendFileAsync(HttpContext page, string path, byte[] file, string contentType);
}

/// <summary>Recognises who looks at a page, and keeps his session.</summary>
public interface IDashboardDoor
{
    /// <summary>True when people can log in by OpenID Connect, at <c>/api/auth/login</c>.</summary>
    bool HasOidc { get; }

    /// <summary>False while the service's store is not ready.</summary>
    bool IsOpen { get; }

    /// <summary>True when browsers reach the gateway by https.</summary>
    bool IsHttps { get; }

    /// <summary>Who looks; null when nobody is logged in.</summary>
    Task<DashboardUser?> FindAsync(HttpContext page);

    /// <summary>Begins a session for who holds a key; null when it is not known, blocked or expired.</summary>
    Task<DashboardUser?> LogInAsync(HttpContext page, string key);

    /// <summary>Ends the session; the address at the issuer that ends its session too, or null.</summary>
    Task<string?> LogOutAsync(HttpContext page);

    /// <summary>What forms of this session have to bring along; null without a session.</summary>
    string? FormToken(HttpContext page);

    /// <summary>Whether a form was sent by a page of this gateway: by the origin that the browser names.</summary>
    bool IsOwnOrigin(HttpContext page);
}
