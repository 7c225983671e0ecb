using Gateway.Dashboard.Hosting;

namespace Gateway.Dashboard.Pages.Cache;

/// <summary>What the caches hold and have done.</summary>
/// <param name="Stats">What edges report.</param>
/// <param name="Settings">Whether answers are cached at all.</param>
/// <param name="Semantic">What the cache service has measured.</param>
/// <param name="Entries">Questions that it has answers to; only when the reader asked for them, because each reading is audited.</param>
/// <param name="Entry">One of them, with its answer, likewise.</param>
/// <param name="Sent">What became of a form.</param>
public sealed record CacheModel(ApiAnswer Stats, ApiAnswer Settings, ApiAnswer Semantic, ApiAnswer Entries, ApiAnswer Entry, ApiAnswer Sent);

/// <summary>Answers that are given again.</summary>
public sealed class CachePage : DashboardPage
{
    public override string Pattern => "cache";

    public override string Title => "Cache";

    public override NavGroup Group => NavGroup.Models;

    public override string Icon => "cache";

    public override (string, string)? Needs => ("cache", "read");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        if (form.Do != "purge")
        {
            return PageResult.NotFound;
        }

        var query = form["all"].Length > 0 ? "?all=true"
            : Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString("", ((string[])["key", "scope", "route", "model", "tag", "olderThanSeconds"]).Where(n => form[n].Length > 0).Select(n => KeyValuePair.Create(n, (string?)form[n])));
        var sent = await page.SendAsync(HttpMethod.Delete, "/cache" + query).ConfigureAwait(false);
        return sent.Ok ? PageResult.Go(page.With(), "Deleted: no edge gives these answers any more.") : await ShowAsync(page, sent).ConfigureAwait(false);
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent)
    {
        var stats = page.GetAsync("/cache/stats");
        var settings = page.GetIfAsync("settings", "read", "/settings");
        var semantic = page.GetAsync("/cache/semantic", ("domain", page.Query("domain")));
        var entries = page.Query("entries") == "1" && page.User.May("cacheEntry", "list")
            ? page.GetAsync("/cache/entries", ("limit", "50"), ("after", page.Query("after")), ("text", page.Query("text")), ("route", page.Query("route"))) : Task.FromResult(ApiAnswer.NotAsked);
        var entry = page.Query("entry").Length > 0 && page.User.May("cacheEntry", "read") ? page.GetAsync("/cache/entries/" + Uri.EscapeDataString(page.Query("entry"))) : Task.FromResult(ApiAnswer.NotAsked);
        return PageResult.Show<CacheView, CacheModel>(new CacheModel(await stats.ConfigureAwait(false), await settings.ConfigureAwait(false), await semantic.ConfigureAwait(false), await entries.ConfigureAwait(false), await entry.ConfigureAwait(false), sent), sent.Status == 0 ? 200 : sent.Status);
    }
}
