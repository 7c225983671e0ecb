using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Health;
using Gateway.Governance.Health;
using Gateway.Routing;
using Gateway.Routing.Rules;

namespace Gateway.Governance.Routes;

/// <summary>A target with what the edges have reported of it.</summary>
internal sealed class SimulationTarget(RouteTarget entry, DeploymentEntry deployment, HealthBoard board, TimeProvider time) : PlanTarget(entry, deployment.ProviderId)
{
    private readonly DeploymentReport? _report = board.Deployment(deployment.Id);
    private readonly CredentialReport? _credential = board.Credential(CredentialOf(deployment)) ?? board.Credential(HealthIds.OfModel(CredentialOf(deployment), deployment.Model));

    public DeploymentEntry Deployment => deployment;

    public override int InFlight => board.Fresh.SelectMany(r => r.Deployments).Where(d => d.Id == deployment.Id).Sum(d => d.InFlight);

    public override double? FirstTokenMs => _report?.FirstTokenMs;

    public override bool IsLastResort => _report is { LastResort: true } && _credential is null;

    public override string? Unavailable(out DateTimeOffset? until)
    {
        until = null;
        if (_credential?.Retired is { } retired)
        {
            return $"its credential is retired until it is changed: {retired}";
        }

        if (_credential?.CoolsUntil is { } cools && cools > time.GetUtcNow())
        {
            until = cools;
            return "its credential cools after a 429";
        }

        if (_report?.RestsUntil is { } rests && rests > time.GetUtcNow())
        {
            until = rests;
            return $"resting: {_report.Reason}";
        }

        return null;
    }

    private static string CredentialOf(DeploymentEntry deployment) => deployment.CredentialId ?? "deployment:" + deployment.Id;
}

internal sealed class SimulationRoute(RouteEntry entry, IReadOnlyList<SimulationTarget> targets) : PlanRoute<SimulationTarget>(entry, targets);

/// <summary>A request that might be made. Choices at random always fall on the first.</summary>
internal sealed class SimulatedRequest(SimulationInput input, VirtualKeyEntry? key, GatewaySettings settings, DateTimeOffset now) : IPlanRequest<SimulationTarget>
{
    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    public DateTimeOffset Now => now;

    /// <summary>What the route's <c>*</c> stands for.</summary>
    public string Wildcard { get; set; } = "";

    public string Text(TextFact fact) => fact switch
    {
        TextFact.Key => key?.Id ?? "",
        TextFact.Team => key?.TeamId ?? "",
        TextFact.Model => input.Model,
        TextFact.Operation => input.Operation,
        _ => input.User ?? "",
    };

    public double Number(NumberFact fact) => fact switch
    {
        NumberFact.Tokens => input.Tokens,
        NumberFact.MaxTokens => input.MaxTokens,
        _ => input.BudgetUsed,
    };

    public bool Flag(FlagFact fact) => input.Stream;

    public string Header(string name) => input.Headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";

    public string Metadata(string name) => input.Metadata.GetValueOrDefault(name) ?? "";

    public string Attribute(string name) => Attributes.GetValueOrDefault(name) ?? "";

    public void SetAttribute(string name, string value) => Attributes[name] = value;

    public double Random() => 0;

    public bool Allows(SimulationTarget target) => key is null || key.AllowedProviders.Count == 0 || key.AllowedProviders.Any(p => new NamePattern(p).Matches(target.ProviderId, out _));

    public string ModelOf(SimulationTarget target) => target.Deployment.Model.Replace("*", Wildcard, StringComparison.Ordinal);

    public long? Cost(SimulationTarget target)
    {
        if ((target.Deployment.Price ?? PriceTable.Default.FindModel(target.ProviderId, ModelOf(target))?.Price) is not { } price)
        {
            return null;
        }

        var output = (input.MaxTokens > 0 ? input.MaxTokens : settings.DefaultOutputTokens) / 4;
        return price.PerRequest + (long)(((Int128)input.Tokens * price.InputPerMillion + (Int128)output * price.OutputPerMillion) / 1_000_000);
    }
}
