namespace Gateway.Governance.Access;

/// <summary>Who does something: a person, a program or the gateway itself. What he may do follows from his role and reach.</summary>
internal sealed record Actor
{
    /// <summary>The gateway itself, in background work and in calls between its services.</summary>
    public static Actor System { get; } = new() { Id = "system", Name = "system", Role = Role.System };

    /// <summary>A caller of the admin API who has not been recognised.</summary>
    public static Actor Anonymous { get; } = new() { Id = "anonymous", Name = "anonymous", Role = Role.None };

    /// <summary>Unique and stable: <c>admin-key:ID</c>, <c>oidc:SUBJECT</c>, <c>key:ID</c>, <c>system</c> or <c>anonymous</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>What he is.</summary>
    public required Role Role { get; init; }

    /// <summary>Teams that a scoped role holds for.</summary>
    public IReadOnlyList<string> TeamIds { get; init; } = [];

    /// <summary>Customers that a scoped role holds for, with all their teams.</summary>
    public IReadOnlyList<string> CustomerIds { get; init; } = [];

    /// <summary>The virtual key of a <see cref="Role.KeyHolder"/>.</summary>
    public string? KeyId { get; init; }

    /// <summary>The session of somebody who logged in by a browser.</summary>
    public string? SessionId { get; init; }
}
