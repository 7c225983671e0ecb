using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Gateway.Dashboard.Hosting;

/// <summary>One request for a page: who asks, what for, and by what means it is answered.</summary>
public sealed class PageContext
{
    private readonly IAdminApi _api;

    internal PageContext(HttpContext http, DashboardUser user, IAdminApi api, DashboardPage page, string token, DateTimeOffset now)
    {
        (Http, User, _api, Page, Token, Now) = (http, user, api, page, token, now);
    }

    public HttpContext Http { get; }

    public DashboardUser User { get; }

    public DashboardPage Page { get; }

    /// <summary>What every form has to bring along.</summary>
    public string Token { get; }

    public DateTimeOffset Now { get; }

    public CancellationToken Cancellation => Http.RequestAborted;

    /// <summary>The page's own path.</summary>
    public string Path => Http.Request.Path.Value ?? "/";

    /// <summary>A parameter of the address; empty for none.</summary>
    public string Query(string name) => Http.Request.Query[name].FirstOrDefault() ?? "";

    /// <summary>A part of the path by its name in the page's pattern.</summary>
    public string Part(string name) => Http.Request.RouteValues[name] as string ?? "";

    public bool Can(string kind, string action) => User.Can(kind, action);

    /// <summary>Asks the admin API.</summary>
    /// <param name="path">Address below <c>/api</c>, for example <c>/keys</c>.</param>
    /// <param name="query">Parameters; empty ones are left out.</param>
    public Task<ApiAnswer> GetAsync(string path, params ReadOnlySpan<(string Name, string? Value)> query) => _api.SendAsync(Http, HttpMethod.Get, Address(path, query), null, null);

    /// <summary>The same where the permission table allows it, else <see cref="ApiAnswer.NotAsked"/>.</summary>
    public Task<ApiAnswer> GetIfAsync(string kind, string action, string path, params ReadOnlySpan<(string Name, string? Value)> query)
        => Can(kind, action) ? GetAsync(path, query) : Task.FromResult(ApiAnswer.NotAsked);

    /// <summary>Has the admin API do something.</summary>
    public Task<ApiAnswer> SendAsync(HttpMethod method, string path, JsonNode? body = null, IReadOnlyDictionary<string, string>? headers = null) => _api.SendAsync(Http, method, path, body, headers);

    /// <summary>The same with a file as its body.</summary>
    public Task<ApiAnswer> SendFileAsync(string path, byte[] file, string contentType, params ReadOnlySpan<(string Name, string? Value)> query) => _api.SendFileAsync(Http, Address(path, query), file, contentType);

    /// <summary>The address of this page with some parameters changed; null takes one out. A changed filter begins at the first page.</summary>
    public string With(params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        var query = Http.Request.Query.Where(q => q.Key is not ("done" or "after" or "back")).ToDictionary(q => q.Key, q => q.Value, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            if (string.IsNullOrEmpty(value))
            {
                query.Remove(name);
            }
            else
            {
                query[name] = value;
            }
        }

        return QueryHelpers.AddQueryString(Path, query.Select(q => new KeyValuePair<string, StringValues>(q.Key, q.Value)));
    }

    private static string Address(string path, ReadOnlySpan<(string Name, string? Value)> query)
    {
        var given = new List<KeyValuePair<string, string?>>();
        foreach (var (name, value) in query)
        {
            if (!string.IsNullOrEmpty(value))
            {
                given.Add(new(name, value));
            }
        }

        return QueryHelpers.AddQueryString(path, given);
    }
}
