namespace Gateway.Chaos.Callers;

/// <summary>How a request ended for its caller.</summary>
internal enum Ending
{
    Complete,
    CutOrError,
    Cancelled,
    BudgetRefused,
    BudgetUnavailable,
    OtherRefusal,
    UpstreamFailed,
    EdgeGone,
}

/// <summary>One request as its caller saw it.</summary>
/// <param name="User">What names it in the ledger and on the bill.</param>
/// <param name="Key">Place of its key.</param>
/// <param name="Ending">How it ended.</param>
/// <param name="Status">The status that came; 0 for none.</param>
/// <param name="Detail">The error's code, for what is no answer.</param>
internal sealed record Call(string User, int Key, Ending Ending, int Status, string Detail);
