using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Requests;

/// <summary>A page of requests, and what it was searched by.</summary>
public sealed record RequestsModel(TimeRange? Range, IReadOnlyDictionary<string, string> Filters, ApiAnswer Logs);

/// <summary>What was asked, of whom, how it ended and what it cost.</summary>
public sealed class RequestsPage : DashboardPage
{
    /// <summary>Filters of the list as the admin API names them.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["key", "model", "team", "customer", "user", "endUser", "session", "trace", "provider", "route", "tag", "status", "failed", "minCostUsd", "minDurationMs", "requestId", "text"];

    public override string Pattern => "requests";

    public override string Title => "Requests";

    public override NavGroup Group => NavGroup.Observe;

    public override string Icon => "requests";

    public override (string, string)? Needs => ("log", "list");

    public override string? Module => "tail.js";

    public override async Task<PageResult> GetAsync(PageContext page)
    {
        var filters = Names.Where(n => page.Query(n).Length > 0).ToDictionary(n => n, page.Query, StringComparer.Ordinal);
        var range = page.Query("range").Length > 0 ? TimeRange.Of(page) : null;
        (string, string?)[] query = [.. filters.Select(f => (f.Key, (string?)f.Value)), ("from", range?.From(page.Now)), ("after", page.Query("after")), ("limit", "50")];
        return PageResult.Show<RequestsView, RequestsModel>(new RequestsModel(range, filters, await page.GetAsync("/logs", query).ConfigureAwait(false)));
    }
}
