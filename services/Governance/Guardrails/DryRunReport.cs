using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Guardrails;

/// <summary>What a dry run is asked, for the OpenAPI document.</summary>
internal sealed record DryRunRequest
{
    /// <summary>The policy to try.</summary>
    public required GuardrailPolicyEntry Policy { get; init; }

    /// <summary>Id of a stored policy to compare with; absent: nothing is in force.</summary>
    public string? CompareWith { get; init; }

    /// <summary>Texts that go to a model.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>JSON lines with <c>text</c> and, where it is not <c>input</c>, <c>place</c>.</summary>
    public string? Lines { get; init; }

    /// <summary>Requests of the request log to replay.</summary>
    public DryRunLogFilter? Logs { get; init; }
}

/// <summary>Which requests of the request log are replayed: those whose bodies are kept, newest first.</summary>
internal sealed record DryRunLogFilter
{
    /// <summary>From when on; absent: from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when, exclusive; absent: until now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Id of a key; absent: any.</summary>
    public string? Key { get; init; }

    /// <summary>Id of a team; absent: any.</summary>
    public string? Team { get; init; }

    /// <summary>Id of a customer; absent: any.</summary>
    public string? Customer { get; init; }

    /// <summary>Name of a route; absent: any.</summary>
    public string? Route { get; init; }

    /// <summary>Name of a model; absent: any.</summary>
    public string? Model { get; init; }

    /// <summary>Most requests, 1 to 2,000. Default 200.</summary>
    public int Limit { get; init; } = 200;
}

/// <summary>What a proposed policy does to texts.</summary>
internal sealed record DryRunReport
{
    /// <summary>Texts looked at.</summary>
    public required int Texts { get; init; }

    /// <summary>Requests looked at; a text that was given counts as one.</summary>
    public required int Requests { get; init; }

    /// <summary>Requests that it blocks, or whose answer it does.</summary>
    public required int Blocked { get; init; }

    /// <summary>Requests of which it changes something.</summary>
    public required int Changed { get; init; }

    /// <summary>Requests in which it finds anything.</summary>
    public required int Found { get; init; }

    /// <summary>Requests that the policy in force blocks.</summary>
    public required int BlockedBefore { get; init; }

    /// <summary>Requests of which the policy in force changes something.</summary>
    public required int ChangedBefore { get; init; }

    /// <summary>Requests that come to something else.</summary>
    public required int Different { get; init; }

    /// <summary>Mean time of the proposed policy for a request.</summary>
    public required long MeanMicroseconds { get; init; }

    /// <summary>Its longest time for a request.</summary>
    public required long MaxMicroseconds { get; init; }

    /// <summary>Mean time of the policy in force for a request; 0 where nothing is in force.</summary>
    public required long MeanMicrosecondsBefore { get; init; }

    /// <summary>What the replayed requests cost, in nano-dollars.</summary>
    public required long SpendNanoUsd { get; init; }

    /// <summary>What those of them cost that it would not have let out, in nano-dollars.</summary>
    public required long BlockedSpendNanoUsd { get; init; }

    /// <summary>The same of the policy in force.</summary>
    public required long BlockedSpendBeforeNanoUsd { get; init; }

    /// <summary>What those cost that it would have sent to another route, in nano-dollars: there they cost what its prices say.</summary>
    public required long RoutedSpendNanoUsd { get; init; }

    /// <summary>Detectors that ask other services and were not run.</summary>
    public required IReadOnlyList<string> NotRun { get; init; }

    /// <summary>The first requests that come to something else.</summary>
    public required IReadOnlyList<DryRunDifference> Differences { get; init; }
}

/// <summary>A request that comes to something else.</summary>
internal sealed record DryRunDifference
{
    /// <summary>Which one, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Id of its record, where it is one of the request log.</summary>
    public string? Log { get; init; }

    /// <summary>The verdict in force.</summary>
    public required string Before { get; init; }

    /// <summary>The verdict of the proposed policy, in shadow or not.</summary>
    public required string After { get; init; }

    /// <summary>The texts that the proposed policy changes, as it leaves them, one below the other, at most 4,000 characters; absent where they stay.</summary>
    public string? Changed { get; init; }

    /// <summary>What it found, as <c>detector:kind</c>.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }
}
