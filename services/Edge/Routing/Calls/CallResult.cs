using Gateway.Edge.Upstream;

namespace Gateway.Edge.Routing.Calls;

/// <summary>What one call of one target means for the request.</summary>
internal enum Verdict
{
    /// <summary>It answered.</summary>
    Answered,

    /// <summary>The provider refused the request itself: no other target would do better.</summary>
    Refused,

    /// <summary>The prompt does not fit the model's window.</summary>
    ContextLength,

    /// <summary>A filter of the provider refused the request.</summary>
    ContentFilter,

    /// <summary>It failed in a way that may pass: the same target may be asked again, or another.</summary>
    Failed,

    /// <summary>It failed in a way that does not pass soon: another target may be asked.</summary>
    FailedForLong,

    /// <summary>It was not made: the target had no room, or its trial is another request's.</summary>
    Skipped,

    /// <summary>The caller went away, or another call was faster.</summary>
    Cancelled,
}

/// <summary>One call of one target and what came of it. Whoever holds it adopts or disposes it.</summary>
internal readonly struct CallResult(TargetRuntime target, Verdict verdict, UpstreamAttempt? attempt, TargetLease? lease, UpstreamFault fault, TimeSpan? wait)
{
    public TargetRuntime Target { get; } = target;

    public Verdict Verdict { get; } = verdict;

    public UpstreamAttempt? Attempt { get; } = attempt;

    /// <summary>What went wrong; only for a failure without an answer.</summary>
    public UpstreamFault Fault { get; } = fault;

    /// <summary>How long the provider asks to wait, or null.</summary>
    public TimeSpan? Wait { get; } = wait;

    /// <summary>True when the provider's own answer, whatever its status, can be passed on.</summary>
    public bool HasAnswer => Verdict != Verdict.Cancelled && Attempt?.Outcome == Contracts.Usage.RequestOutcome.UpstreamError;

    /// <summary>Makes it the one the request is answered by.</summary>
    public void Adopt()
    {
        Attempt!.Answer.Lease = lease;
        Attempt.Adopt();
    }

    public void Dispose()
    {
        Attempt?.Dispose();
        lease?.Dispose();
    }
}
