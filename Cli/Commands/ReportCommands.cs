using System.CommandLine;

namespace Gateway.Cli.Commands;

/// <summary><c>gateway usage</c>, <c>gateway budgets</c>, <c>gateway status</c>.</summary>
internal static class ReportCommands
{
    public static IEnumerable<Command> Make(SharedOptions shared)
    {
        var by = new Option<string>("--by") { Description = "What to sum by: key, team, model, provider, day, …", DefaultValueFactory = _ => "model" };
        var usage = new Command("usage", "What was used in the last 30 days and what it cost.") { by };
        usage.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var group = parsed.GetValue(by)!;
            var report = await client.GetAsync($"/api/usage?groupBy={Uri.EscapeDataString(group)}", cancellation).ConfigureAwait(false);
            var groups = report["groups"]?.AsArray() ?? [];
            var fields = (groups.FirstOrDefault() ?? report["total"])!.AsObject().Select(m => m.Key).ToArray();
            shared.Show(parsed, report, groups, fields);
            return ExitCodes.Done;
        });

        var budgets = new Command("budgets", "Lists budgets.");
        budgets.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var all = await client.AllAsync("/api/budgets?limit=1000", cancellation).ConfigureAwait(false);
            shared.Show(parsed, all, all, "id", "name", "limitNanoUsd", "window", "windows");
            return ExitCodes.Done;
        });

        var status = new Command("status", "How the gateway is.");
        status.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var report = await client.GetAsync("/api/status", cancellation).ConfigureAwait(false);
            shared.Show(parsed, report, [report], "store.kind", "snapshotVersion", "counts", "faults");
            return ExitCodes.Done;
        });
        return [usage, budgets, status];
    }
}
