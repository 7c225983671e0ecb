namespace Gateway.Edge.Admission.Budgets;

/// <summary>What the ledger said of a window besides what it granted.</summary>
/// <param name="Scarce">Nothing or nearly nothing is left for anybody.</param>
/// <param name="SpentPercent">Settled by all edges, in per cent of the limit.</param>
internal sealed record LeaseNews(bool Scarce, double SpentPercent);

/// <summary>What came of waiting for the ledger.</summary>
internal enum LeaseAnswer
{
    /// <summary>There may be room now.</summary>
    Room,

    /// <summary>Not at present: others have leased what is left.</summary>
    Short,

    /// <summary>What is settled leaves no room.</summary>
    Empty,

    /// <summary>The ledger cannot be asked.</summary>
    Unavailable,
}

/// <summary>A request that waits for room in one window.</summary>
internal sealed class LeaseWaiter(AccountWindow window, long nanoUsd)
{
    private readonly TaskCompletionSource<LeaseAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AccountWindow Window { get; } = window;

    public long NanoUsd { get; } = nanoUsd;

    /// <summary>True once a question that tells of it is under way.</summary>
    public bool IsAsked { get; set; }

    public Task<LeaseAnswer> Answer => _answer.Task;

    public void Complete(LeaseAnswer answer) => _answer.TrySetResult(answer);
}
