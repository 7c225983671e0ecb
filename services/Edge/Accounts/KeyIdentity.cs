using Gateway.Accounts;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Accounts;

/// <summary>Who a key is: its place among the accounts, and whether it is in force.</summary>
internal sealed class KeyIdentity(KeyAccounts accounts)
{
    public string Id { get; } = accounts.Key.Id;

    /// <summary>Its team, inherited or not; empty for none.</summary>
    public string TeamId { get; } = accounts.Team?.Id ?? "";

    /// <summary>Its user; empty for none.</summary>
    public string UserId { get; } = accounts.User?.Id ?? "";

    /// <summary>Its customer, inherited or not; empty for none.</summary>
    public string CustomerId { get; } = accounts.Customer?.Id ?? "";

    /// <summary>The lowest account that is blocked, as callers are told; null when none is.</summary>
    public string? Blocked { get; } =
        !accounts.Key.Enabled ? "The API key is blocked"
        : accounts.User?.Enabled == false ? "The user of this API key is blocked"
        : accounts.Team?.Enabled == false ? "The team of this API key is blocked"
        : accounts.Customer?.Enabled == false ? "The customer of this API key is blocked"
        : null;

    /// <summary>Guardrail policies that the key or its team names.</summary>
    public IReadOnlyList<string> GuardrailPolicies { get; } =
        accounts.Team is { GuardrailPolicies.Count: > 0 } team ? [.. accounts.Key.GuardrailPolicies.Union(team.GuardrailPolicies, StringComparer.Ordinal)] : accounts.Key.GuardrailPolicies;

    /// <summary>What is kept of its requests; null: as the settings say.</summary>
    public RequestLogLevel? RequestLog { get; } = accounts.Key.RequestLog;

    /// <summary>Tools of the MCP hub that its chat requests get; null: as the route says.</summary>
    public McpChatEntry? McpChat { get; } = accounts.Key.McpChat;

    /// <summary>The key's own tags.</summary>
    public string[] Tags { get; } = [.. accounts.Key.Tags];

    /// <summary>The same in one text, separated by one space, as the journal takes them.</summary>
    public string TagsText { get; } = string.Join(' ', accounts.Key.Tags);
}
