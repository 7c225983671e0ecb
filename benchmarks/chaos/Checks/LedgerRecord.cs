using System.Text.Json.Nodes;
using Gateway.Chaos.Running;

namespace Gateway.Chaos.Checks;

/// <summary>A request as the ledger has it.</summary>
internal sealed record LedgerRecord(string Id, string User, string Key, string Outcome, bool Estimated, long Cost, int Attempts, DateTimeOffset StartedAt, IReadOnlyList<string> Budgets)
{
    /// <summary>Everything in the ledger; null when governance does not answer.</summary>
    public static async Task<List<LedgerRecord>?> AllAsync(AdminClient admin, CancellationToken cancellation)
    {
        var records = new List<LedgerRecord>();
        for (string? next = ""; next is not null;)
        {
            if (await admin.TryGetAsync($"usage/records?limit=1000{(next.Length == 0 ? "" : "&after=" + Uri.EscapeDataString(next))}", cancellation).ConfigureAwait(false) is not { } page)
            {
                return null;
            }

            records.AddRange(page["items"]!.AsArray().Select(static r => Read(r!)));
            next = (string?)page["next"];
        }

        return records;
    }

    private static LedgerRecord Read(JsonNode node) => new(
        (string)node["id"]!,
        (string?)node["endUser"] ?? "",
        (string)node["key"]!,
        (string)node["outcome"]!,
        (bool?)node["estimated"] ?? false,
        (long?)node["costNanoUsd"] ?? 0,
        (int?)node["attempts"] ?? 0,
        (DateTimeOffset)node["startedAt"]!,
        [.. (node["budgets"] as JsonArray ?? []).Select(static b => (string)b!)]);
}
