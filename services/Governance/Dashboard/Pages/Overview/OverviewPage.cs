using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Overview;

/// <summary>What the first page shows. What the reader may not see was not asked for.</summary>
public sealed record OverviewModel(TimeRange Range, IReadOnlyDictionary<string, string> Filters, ApiAnswer Usage, ApiAnswer Models, ApiAnswer Providers, ApiAnswer Keys, ApiAnswer Teams, ApiAnswer Budgets, ApiAnswer Status, ApiAnswer Health, ApiAnswer Failed, ApiAnswer Alerts, ApiAnswer Signals);

/// <summary>Is it up, who spends what, what failed and why.</summary>
public sealed class OverviewPage : DashboardPage
{
    private const string Groups = "6";

    /// <summary>What it can be limited to, as the admin API names it, and what it is called.</summary>
    public static IReadOnlyList<(string Name, string Label)> Filters { get; } =
        [("key", "Key"), ("team", "Team"), ("customer", "Customer"), ("user", "User"), ("route", "Route"), ("model", "Model"), ("provider", "Provider")];

    public override string Pattern => "";

    public override string Title => "Overview";

    public override NavGroup Group => NavGroup.Observe;

    public override string Icon => "overview";

    public override (string, string)? Needs => ("usage", "list");

    public override async Task<PageResult> GetAsync(PageContext page)
    {
        var range = TimeRange.Of(page);
        var (from, interval) = (range.From(page.Now), range.Interval);

        var filters = Filters.Where(f => page.Query(f.Name).Length > 0).ToDictionary(f => f.Name, f => page.Query(f.Name), StringComparer.Ordinal);
        (string, string?)[] of = [("from", from), .. filters.Select(f => (f.Key, (string?)f.Value))];

        // Under way together: the page takes as long as the slowest of them. Percentiles where there are some: of one filter, not of several.
        var usage = page.GetAsync("/usage", [.. of, ("interval", interval), ("compare", "previous"), ("latency", "available"), ("limit", "1")]);
        var models = page.GetAsync("/usage", [.. of, ("groupBy", "model"), ("interval", interval), ("limit", Groups)]);
        var providers = page.GetAsync("/usage", [.. of, ("groupBy", "provider"), ("latency", "available"), ("limit", Groups)]);
        var keys = page.GetAsync("/usage", [.. of, ("groupBy", "key"), ("limit", Groups)]);
        var teams = page.GetAsync("/usage", [.. of, ("groupBy", "team"), ("limit", Groups)]);
        var budgets = page.GetIfAsync("budget", "list", "/budgets/states", ("limit", "200"));
        var status = page.GetIfAsync("status", "read", "/status");
        var health = page.GetIfAsync("status", "read", "/health");
        var failed = page.GetIfAsync("log", "list", "/logs", [.. of, ("failed", "true"), ("limit", "6")]);
        var alerts = page.GetIfAsync("alert", "list", "/alerts", ("limit", "6"));
        var signals = page.GetIfAsync("alert", "list", "/alerts/signals", ("limit", "6"));
        return PageResult.Show<OverviewView, OverviewModel>(new OverviewModel(
            range, filters, await usage.ConfigureAwait(false), await models.ConfigureAwait(false), await providers.ConfigureAwait(false), await keys.ConfigureAwait(false), await teams.ConfigureAwait(false), await budgets.ConfigureAwait(false),
            await status.ConfigureAwait(false), await health.ConfigureAwait(false), await failed.ConfigureAwait(false), await alerts.ConfigureAwait(false), await signals.ConfigureAwait(false)));
    }
}
