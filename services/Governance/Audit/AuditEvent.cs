using System.Text.Json.Nodes;

namespace Gateway.Governance.Audit;

/// <summary>Something worth keeping.</summary>
/// <param name="Action">What was done, for example <c>create</c> or <c>usage.export</c>.</param>
internal sealed record AuditEvent(string Action)
{
    /// <summary>The chain of everything that belongs to no customer.</summary>
    public const string GatewayChain = "gateway";

    /// <summary>The chain it goes to.</summary>
    public string Chain { get; init; } = GatewayChain;

    /// <summary>Kind of the entry it was done to, or empty.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Id of the entry it was done to, or empty.</summary>
    public string EntryId { get; init; } = "";

    /// <summary>The rest, without secrets; null when there is no more to say.</summary>
    public JsonObject? Detail { get; init; }

    /// <summary>Who did it by which request; null: the current one.</summary>
    public AuditOrigin? Origin { get; init; }

    /// <summary>The chain of a customer.</summary>
    public static string ChainOf(string? customerId) => string.IsNullOrEmpty(customerId) ? GatewayChain : $"customer:{customerId}";
}
