using Gateway.Contracts.Usage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Prices;

/// <summary>What of a page of records costs something else now.</summary>
internal sealed class RatedPage(string reratingId, long now)
{
    public long Now => now;

    public List<Correction> Changes { get; } = [];

    public long Unpriced { get; private set; }

    public long Mixed { get; private set; }

    public void Add(UsageRecordRow row, RecordRating rating)
    {
        var view = row.ToView();
        var used = view.Tokens != new TokenUsage() || view.Units != default;
        if (row.PriceVersion.Length == 0 && (!used || view.Operation is Operation.CountTokens or Operation.StoredResponse or Operation.File))
        {
            // It cost nothing, and no price changes that.
            return;
        }

        if (rating.Rate(row, out var mixed) is not { } rated)
        {
            Mixed += mixed ? 1 : 0;
            Unpriced += mixed ? 0 : 1;
        }
        else if (rated.Cost != row.Cost || UsageText.Clean(rated.Version) != row.PriceVersion)
        {
            Changes.Add(new Correction(reratingId, now, row, view, rated.Cost, rated.Version));
        }
    }
}

/// <summary>A record that costs something else now.</summary>
internal sealed class Correction(string reratingId, long now, UsageRecordRow row, UsageRecordView view, long newCost, string newVersion)
{
    public string RecordId => row.Id;

    public string ReratingId => reratingId;

    public long CorrectedAt => now;

    public long OldCost => row.Cost;

    public long NewCost => newCost;

    public string OldVersion => row.PriceVersion;

    public string NewVersion => newVersion;

    public long StartedAt => row.StartedAt;

    public long Amount => newCost - row.Cost;

    /// <summary>Budgets that it was charged to, each once.</summary>
    public IEnumerable<string> BudgetIds => view.Budgets.Select(static b => b.Split('#')[0]).Distinct(StringComparer.Ordinal);

    /// <summary>What it changes in the ledger.</summary>
    public UsageAdjustment Adjustment => new(Record, newCost, newVersion);

    private UsageRecord Record => new()
    {
        Id = row.Id,
        StartedAtMicros = row.StartedAt,
        DurationMicros = row.Duration,
        FirstByteMicros = row.FirstByte,
        KeyId = row.KeyId,
        TeamId = row.Team,
        UserId = row.UserId,
        CustomerId = row.Customer,
        EndUser = row.EndUser,
        Tags = view.Tags,
        Budgets = view.Budgets,
        Operation = view.Operation,
        Model = row.Model,
        Route = row.Route,
        DeploymentId = row.Deployment,
        ProviderId = row.Provider,
        CredentialId = row.Credential,
        Status = row.Status,
        Outcome = view.Outcome,
        Tokens = view.Tokens,
        Units = view.Units,
        Tier = view.Tier,
        Count = view.Count,
        Estimated = view.Estimated,
        Continued = view.Continued,
        CostNanoUsd = row.Cost,
        PriceVersion = row.PriceVersion,
    };
}
