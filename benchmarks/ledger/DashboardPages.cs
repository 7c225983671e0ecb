using System.Globalization;
using Gateway.Dashboard.Hosting;
using Gateway.Governance.Access;
using Gateway.Governance.Access.Login;

namespace Gateway.LedgerBenchmark;

/// <summary>Each page of the dashboard, as its server draws it: what a browser waits for before the first byte.</summary>
internal static class DashboardPages
{
    private const int Runs = 15;
    private const double Aim = 300;

    public static async Task RunAsync(Service service, long rows, Report report, CancellationToken cancellation)
    {
        report.Title($"pages of the dashboard over {rows:N0} records, {Runs} runs each");
        var key = service.Admin.DefaultRequestHeaders.Authorization!.Parameter!;
        var actor = (await service.Of<AdminCallers>().FindAsync(key, cancellation).ConfigureAwait(false))!;
        var cookie = await service.Of<SessionStore>().CreateOfKeyAsync(actor, key, cancellation).ConfigureAwait(false);
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = service.Admin.BaseAddress };
        browser.DefaultRequestHeaders.Add("Cookie", $"gateway-session={cookie}");
        await service.PutKeysAsync(Year.Keys, cancellation).ConfigureAwait(false);
        foreach (var page in PageTable.All.Where(p => !p.Pattern.Contains('{', StringComparison.Ordinal) && p.Pattern != "keys/one"))
        {
            await TimeAsync(page.Pattern, page.Address).ConfigureAwait(false);
        }

        foreach (var (what, path) in ((string, string)[])
        [
            ("overview, a week", "?range=7d"), ("overview, 90 days", "?range=90d"), ("overview, a year", "?range=1y"), ("overview of a key, a week", "?range=7d&key=key-17"), ("overview of a team, 90 days", "?range=90d&team=team-7"),
            ("overview of a team and model", "?range=7d&team=team-7&model=model-7"), ("one key", "/keys/one?id=key-17"), ("requests, failed", "/requests?failed=true"), ("requests of a key", "/requests?key=key-17"),
            ("requests, a rare cost", "/requests?minCostUsd=0.019"), ("one request", string.Create(CultureInfo.InvariantCulture, $"/requests/{rows / 2:x32}")),
        ])
        {
            await TimeAsync(what, DashboardPage.Root + path).ConfigureAwait(false);
        }

        async Task TimeAsync(string what, string path)
            => report.Times(what.Length == 0 ? "overview" : what, await Calls.TimeAsync(browser, path, Runs, cancellation).ConfigureAwait(false), Aim);
    }
}
