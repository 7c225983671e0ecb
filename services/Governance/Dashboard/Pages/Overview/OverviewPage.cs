using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Overview;

/// <summary>What the first page shows. What the reader may not see was not asked for.</summary>
public sealed record OverviewModel(TimeRange Range, ApiAnswer Usage, ApiAnswer Models, ApiAnswer Providers, ApiAnswer Keys, ApiAnswer Teams, ApiAnswer Budgets, ApiAnswer Status, ApiAnswer Health, ApiAnswer Failed, ApiAnswer Alerts, ApiAnswer Signals);

/// <summary>Is it up, who spends what, what failed and why.</summary>
public sealed class OverviewPage : DashboardPage
{
    private const string Groups = "6";

    public override string Pattern => "";

    public override string Title => "Overview";

    public override NavGroup Group => NavGroup.Observe;

    public override string Icon => "overview";

    public override (string, string)? Needs => ("usage", "list");

    public override async Task<PageResult> GetAsync(PageContext page)
    {
        var range = TimeRange.Of(page);
        var (from, interval) = (range.From(page.Now), range.Interval);

        // Under way together: the page takes as long as the slowest of them.
        var usage = page.GetAsync("/usage", ("from", from), ("interval", interval), ("compare", "previous"), ("latency", await SeesAllAsync(page).ConfigureAwait(false) ? "true" : null), ("limit", "1"));
        var models = page.GetAsync("/usage", ("from", from), ("groupBy", "model"), ("interval", interval), ("limit", Groups));
        var providers = page.GetAsync("/usage", ("from", from), ("groupBy", "provider"), ("latency", await SeesAllAsync(page).ConfigureAwait(false) ? "true" : null), ("limit", Groups));
        var keys = page.GetAsync("/usage", ("from", from), ("groupBy", "key"), ("limit", Groups));
        var teams = page.GetAsync("/usage", ("from", from), ("groupBy", "team"), ("limit", Groups));
        var budgets = page.GetIfAsync("budget", "list", "/budgets/states", ("limit", "200"));
        var status = page.GetIfAsync("status", "read", "/status");
        var health = page.GetIfAsync("status", "read", "/health");
        var failed = page.GetIfAsync("log", "list", "/logs", ("failed", "true"), ("from", from), ("limit", "6"));
        var alerts = page.GetIfAsync("alert", "list", "/alerts", ("limit", "6"));
        var signals = page.GetIfAsync("alert", "list", "/alerts/signals", ("limit", "6"));
        return PageResult.Show<OverviewView, OverviewModel>(new OverviewModel(
            range, await usage.ConfigureAwait(false), await models.ConfigureAwait(false), await providers.ConfigureAwait(false), await keys.ConfigureAwait(false), await teams.ConfigureAwait(false), await budgets.ConfigureAwait(false),
            await status.ConfigureAwait(false), await health.ConfigureAwait(false), await failed.ConfigureAwait(false), await alerts.ConfigureAwait(false), await signals.ConfigureAwait(false)));
    }

    // Percentiles are kept of everything together, by model and by provider: not of one team's or key's requests.
    private static Task<bool> SeesAllAsync(PageContext page) => Task.FromResult(page.Can("status", "read"));
}
