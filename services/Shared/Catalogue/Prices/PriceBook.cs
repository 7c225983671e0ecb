using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>
/// Decides which price applies: overrides over the deployment's own price over the built-in table. Immutable; what it says of a deployment, model and customer is worked out once, for all
/// times, as a <see cref="PriceTimeline"/>.
/// </summary>
public sealed class PriceBook
{
    private readonly PriceOverrideEntry[] _overrides;

    /// <summary>A book with these overrides.</summary>
    /// <param name="overrides">Prices of one's own.</param>
    /// <param name="assumed">What a model without any price is billed by, or null for nothing.</param>
    public PriceBook(IReadOnlyList<PriceOverrideEntry> overrides, PriceEntry? assumed = null)
    {
        ArgumentNullException.ThrowIfNull(overrides);
        _overrides = [.. overrides.Where(static o => o.Enabled).OrderBy(static o => o, BySpecificity.Instance)];
        Assumed = assumed;
        Customers = _overrides.Select(static o => o.CustomerId).OfType<string>().ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The built-in table alone.</summary>
    public static PriceBook BuiltIn { get; } = new([]);

    /// <summary>What a model without any price is billed by, or null.</summary>
    public PriceEntry? Assumed { get; }

    /// <summary>Customers that some override names; all others have the same prices.</summary>
    public IReadOnlySet<string> Customers { get; }

    /// <summary>The assumed price that a setting names as <c>provider/model</c>; null when it names none or the table has none.</summary>
    public static PriceEntry? FindAssumed(string? name)
    {
        var slash = name?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return slash > 0 && PriceTable.Default.Find(name![..slash], name[(slash + 1)..]) is { } price ? price with { Version = $"assumed:{name}({price.Version})" } : null;
    }

    /// <summary>What a deployment's model costs a customer, at all times.</summary>
    /// <param name="deployment">The deployment; one that only names a provider will do.</param>
    /// <param name="model">Model name as sent to the provider.</param>
    /// <param name="customerId">The customer; empty for none.</param>
    public PriceTimeline Find(DeploymentEntry deployment, string model, string customerId)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        var fitting = Fitting(deployment, model, customerId);
        var table = PriceTable.Default.Find(deployment.ProviderId, model);
        var versions = fitting.SelectMany(static o => o.Versions).ToArray();
        long[] starts = [long.MinValue, .. versions.SelectMany(static v => (DateTimeOffset?[])[v.From, v.Until]).OfType<DateTimeOffset>().Select(Micros).Distinct().Order()];
        return new PriceTimeline(starts, [.. starts.Select(at => Decide(deployment, fitting, table, at, null))]);
    }

    /// <summary>Which price applies at a moment and why: every candidate from the most specific on, and what became of it.</summary>
    /// <param name="deployment">The deployment; one that only names a provider will do.</param>
    /// <param name="model">Model name as sent to the provider.</param>
    /// <param name="customerId">The customer; empty for none.</param>
    /// <param name="at">The moment.</param>
    public PriceDecision Explain(DeploymentEntry deployment, string model, string customerId, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        var steps = new List<PriceStep>();
        var price = Decide(deployment, Fitting(deployment, model, customerId), PriceTable.Default.Find(deployment.ProviderId, model), Micros(at), steps);
        if (price is null && PriceTable.Default.FindDoubt(deployment.ProviderId, model) is { } doubt)
        {
            steps.Add(new PriceStep("table", null, $"The table's figures are in doubt: {doubt.Reason}."));
        }

        return new PriceDecision(price, steps);
    }

    private PriceEntry? Decide(DeploymentEntry deployment, List<PriceOverrideEntry> fitting, PriceEntry? table, long at, List<PriceStep>? steps)
    {
        PriceEntry? price = null;
        (PriceOverrideEntry Of, PriceOverrideVersion Version)? factor = null;
        var ownIsNext = true;
        foreach (var candidate in fitting)
        {
            if (ownIsNext && candidate.DeploymentId is null)
            {
                Offer(ref price, deployment.Price, "deployment", steps);
                ownIsNext = false;
            }

            var version = Holding(candidate, at);
            if (version is null)
            {
                steps?.Add(new PriceStep($"override:{candidate.Id}", null, "None of its versions holds at that time."));
            }
            else if (version.Price is { } own)
            {
                Offer(ref price, own with { Version = OverrideVersions.Of(candidate, version) }, $"override:{candidate.Id}", steps);
            }
            else if (factor is null)
            {
                factor = (candidate, version);
            }
            else
            {
                steps?.Add(new PriceStep($"override:{candidate.Id}", null, $"Another factor is more specific: {factor.Value.Of.Id}."));
            }
        }

        if (ownIsNext)
        {
            Offer(ref price, deployment.Price, "deployment", steps);
        }

        Offer(ref price, table, "table", steps);
        Offer(ref price, Assumed, "assumed", steps);
        if (price is null || factor is not { } applied)
        {
            return price;
        }

        var scaled = PriceScale.By(price, applied.Version.FactorBasisPoints!.Value) with { Version = $"{price.Version}*{OverrideVersions.Of(applied.Of, applied.Version)}" };
        steps?.Add(new PriceStep($"override:{applied.Of.Id}", scaled.Version, $"Its factor of {applied.Version.FactorBasisPoints} basis points is applied to {price.Version}."));
        return scaled;
    }

    private static void Offer(ref PriceEntry? price, PriceEntry? offered, string source, List<PriceStep>? steps)
    {
        if (offered is not null)
        {
            steps?.Add(new PriceStep(source, offered.Version, price is null ? "It is the first that has a price." : $"{price.Version} comes before it."));
            price ??= offered;
        }
    }

    private List<PriceOverrideEntry> Fitting(DeploymentEntry deployment, string model, string customerId)
    {
        var fitting = new List<PriceOverrideEntry>();
        foreach (var candidate in _overrides)
        {
            if ((candidate.DeploymentId is null || candidate.DeploymentId == deployment.Id)
                && (candidate.ProviderId is null || candidate.ProviderId == deployment.ProviderId)
                && (candidate.CustomerId is null || candidate.CustomerId == customerId)
                && Wildcard.Matches(candidate.Model, model))
            {
                fitting.Add(candidate);
            }
        }

        return fitting;
    }

    private static PriceOverrideVersion? Holding(PriceOverrideEntry entry, long at)
    {
        PriceOverrideVersion? found = null;
        foreach (var version in entry.Versions)
        {
            var holds = (version.From is not { } from || Micros(from) <= at) && (version.Until is not { } until || at < Micros(until));
            if (holds && (found is null || (version.From ?? DateTimeOffset.MinValue) >= (found.From ?? DateTimeOffset.MinValue)))
            {
                found = version;
            }
        }

        return found;
    }

    private static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Deployment before customer before provider before model; a model's whole name before a pattern, a longer pattern before a shorter.</summary>
    private sealed class BySpecificity : IComparer<PriceOverrideEntry>
    {
        public static BySpecificity Instance { get; } = new();

        public int Compare(PriceOverrideEntry? x, PriceOverrideEntry? y)
        {
            var order = Rank(y!).CompareTo(Rank(x!));
            return order != 0 ? order : string.CompareOrdinal(x!.Id, y!.Id);
        }

        private static (bool Deployment, bool Customer, bool Provider, bool Whole, int Length) Rank(PriceOverrideEntry e) =>
            (e.DeploymentId is not null, e.CustomerId is not null, e.ProviderId is not null, !e.Model.Contains('*', StringComparison.Ordinal), e.Model.Count(static c => c != '*'));
    }
}

/// <summary>The price that applies, or null, and how it was found.</summary>
/// <param name="Price">The price, or null when the model is unpriced.</param>
/// <param name="Steps">What was looked at, in order.</param>
public sealed record PriceDecision(PriceEntry? Price, IReadOnlyList<PriceStep> Steps);

/// <summary>One place where a price was looked for.</summary>
/// <param name="Source"><c>override:ID</c>, <c>deployment</c>, <c>table</c> or <c>assumed</c>.</param>
/// <param name="Version">Version of what it has, or null.</param>
/// <param name="Why">Why it applies or does not.</param>
public sealed record PriceStep(string Source, string? Version, string Why);
