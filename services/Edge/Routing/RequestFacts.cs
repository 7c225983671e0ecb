using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Pipeline;
using Gateway.Routing;
using Gateway.Routing.Rules;

namespace Gateway.Edge.Routing;

/// <summary>What rules, strategies and sessions can ask about a request. Nothing is read from it before it is asked for.</summary>
internal sealed class RequestFacts(RequestContext context, TimeProvider time) : IPlanRequest<TargetRuntime>
{
    private const int BytesPerToken = 4;

    private Dictionary<string, string>? _attributes;
    private string? _user;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>What rules have set, or null.</summary>
    public IReadOnlyDictionary<string, string>? Attributes => _attributes;

    public string Text(TextFact fact) => fact switch
    {
        TextFact.Key => context.Key!.Id,
        TextFact.Team => context.Key!.TeamId,
        TextFact.Model => context.ModelName,
        TextFact.Operation => context.Operation.Name,
        _ => _user ??= User(),
    };

    public double Number(NumberFact fact) => fact switch
    {
        NumberFact.Tokens => PromptTokens,
        NumberFact.MaxTokens => Math.Max(0, context.Envelope.MaxOutputTokens),
        _ => BudgetUsed(),
    };

    public bool Flag(FlagFact fact) => context.Envelope.Stream;

    public string Header(string name) => context.Http.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : "";

    public string Metadata(string name) =>
        context.Operation.Shape.LabelsMember is { } member && BodyMembers.Find(context.Body.Span, member, name) is { Length: > 0 } value
            ? value
            : context.HeaderMetadata?.GetValueOrDefault(name) ?? "";

    public string Attribute(string name) => _attributes?.GetValueOrDefault(name) ?? "";

    public void SetAttribute(string name, string value) => (_attributes ??= new(StringComparer.Ordinal))[name] = value;

    public bool HasRoom(TargetRuntime target) => !context.Reservation.Budgets.Excludes(target.ProviderId);

    public bool Allows(TargetRuntime target) => context.Key!.Providers.Allows(target.ProviderId);

    public long? Cost(TargetRuntime target)
    {
        var deployment = target.Deployment;
        // What the caller will not use is not known: a quarter of the cap is as good a guess for one target as for another.
        var output = context.Operation.HasOutput ? (context.Envelope.MaxOutputTokens < 0 ? context.Settings.DefaultOutputTokens : context.Envelope.MaxOutputTokens) / 4 : 0;
        var cost = deployment.Pricing.Cost(context.PriceOf(deployment), new TokenCounts { Input = PromptTokens, Output = output }, default, ServiceTier.Standard, out var version);
        return version is null ? null : cost;
    }

    public double Random() => System.Random.Shared.NextDouble();

    private long PromptTokens => (context.PromptBytes + BytesPerToken - 1) / BytesPerToken;

    private string User() => BodyMembers.Find(context.Body.Span, "user", null) is { Length: > 0 } user ? user
        : Metadata("user_id") is { Length: > 0 } id ? id
        : context.HeaderMetadata?.GetValueOrDefault("user") ?? "";

    private double BudgetUsed()
    {
        var most = 0d;
        foreach (var account in BudgetGate.SetOf(context).Accounts)
        {
            most = Math.Max(most, account.Figures.UsedPercent);
        }

        return most;
    }
}
