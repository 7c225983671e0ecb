using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Access.Login;

/// <summary>A session of a browser.</summary>
public sealed record SessionView
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Who logged in.</summary>
    public required string Subject { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, to the minute.</summary>
    public DateTimeOffset SeenAt { get; init; }

    /// <summary>When it ends, used or not.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Sessions, the newest first.</summary>
public sealed record SessionList
{
    /// <summary>The sessions, at most 1,000.</summary>
    public required IReadOnlyList<SessionView> Items { get; init; }
}

/// <summary>Answer to a logout.</summary>
public sealed record LoggedOut
{
    /// <summary>Where to send the browser so that the issuer ends its session too; absent when it has no such address.</summary>
    public string? LogoutUrl { get; init; }
}

/// <summary>What a login has to come back with.</summary>
internal sealed record LoginAttempt(string State, string Nonce, string Verifier, string ReturnTo, long ExpiresAt);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(LoggedOut))]
[JsonSerializable(typeof(LoginAttempt))]
internal sealed partial class LoginJson : JsonSerializerContext;
